package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.api.v1alpha1.DocumentFiles;
import io.embeddingoperator.api.v1alpha1.S3Source;
import io.embeddingoperator.api.v1alpha1.VolumeSource;
import io.embeddingoperator.runner.activity.Activities;
import io.embeddingoperator.runner.activity.Activity;
import io.embeddingoperator.runner.source.KeyOrder;
import io.embeddingoperator.runner.source.Known;
import io.embeddingoperator.runner.source.KnownFiles;
import io.embeddingoperator.runner.source.Position;
import io.embeddingoperator.runner.source.ShardRange;
import io.embeddingoperator.runner.source.Source;
import io.embeddingoperator.runner.source.SourcePlan;
import io.embeddingoperator.runner.source.SourceSchema;
import io.embeddingoperator.runner.source.WindowReader;
import io.embeddingoperator.runner.source.WorkUnit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Gatherers;

/** Documents in files, divided by bytes and read in the order of the files' paths. */
public final class FilesSource implements Source {
    private static final String VOLUME = "spec.source.volume";
    private static final String S3 = "spec.source.s3";
    private static final int ASKED_AT_ONCE = 100;

    private final FileStore store;
    private final FileFormat format;
    private final SourceSchema schema;
    private final boolean notesFiles;

    /** @param notesFiles whether windows tell what they have of each file */
    private FilesSource(String name, FileStore store, FileFormat format, boolean notesFiles) {
        this.store = store;
        this.format = format;
        this.notesFiles = notesFiles;
        this.schema = new SourceSchema(
                name, format.keyName(), format.keyType(), format.metadata(), KeyOrder.BY_POSITION, WorkUnit.BYTES);
    }

    /**
     * Opens the files of a volume.
     *
     * @param mount the volume's mount folder, which the files must lie in; empty without one, for the working folder
     * @throws io.embeddingoperator.runner.failure.SpecificationException when nothing matches or cannot be read
     */
    public static FilesSource open(VolumeSource volume, Optional<Path> mount) {
        FileStore store = mount.map(root -> VolumeStore.mounted(root, volume.path()))
                .orElseGet(() -> VolumeStore.local(Path.of(""), volume.path()));
        return open(volume.path(), VOLUME, volume, store, false);
    }

    /**
     * Opens the objects of a bucket.
     *
     * @param store closed with this source
     * @throws io.embeddingoperator.runner.failure.SpecificationException when nothing matches or cannot be read
     */
    public static FilesSource open(S3Source objects, FileStore store) {
        return open(
                "s3://%s/%s".formatted(objects.bucket(), objects.prefix()),
                S3,
                objects,
                store,
                objects.skipsUnchanged());
    }

    private static FilesSource open(
            String name, String manifestPath, DocumentFiles files, FileStore store, boolean notesFiles) {
        FileFormat format = switch (files.format()) {
            case NDJSON -> new NdjsonFormat(store, fields(manifestPath, files));
            case Parquet -> ParquetFormat.of(store, fields(manifestPath, files));
            case Text -> new TextFormat(store, manifestPath, files.copied());
        };
        return new FilesSource(name, store, format, notesFiles);
    }

    @Override
    public SourceSchema schema() {
        return schema;
    }

    @Override
    public SourcePlan plan(int shards, Known known) {
        SplitCandidates units = listed(known.files());
        List<ShardRange> ranges = new ArrayList<>();
        for (Pieces pieces : PieceBalancer.share(units, shards)) {
            ranges.add(pieces.toRange(ranges.size()));
        }
        return SourcePlan.everything(ranges);
    }

    /** Which files are known is asked before they are divided: some are opened for that. */
    private SplitCandidates listed(KnownFiles known) {
        LongAdder found = new LongAdder();
        try (Activity listing = Activities.ofThisProcess().begin("Listing " + schema.name())) {
            listing.explainedBy(() -> Optional.of("%,d were found so far".formatted(found.sum())));
            return SplitCandidates.collect(store.list()
                    .peek(_ -> found.increment())
                    .gather(Gatherers.windowFixed(ASKED_AT_ONCE))
                    .flatMap(files -> known.unread(files).stream())
                    .gather(Gatherers.mapConcurrent(format.dividedAtOnce(), format::divide))
                    .flatMap(List::stream));
        }
    }

    @Override
    public WindowReader read(ShardRange range, Optional<Position> after, int windowDocuments) {
        return new FilesWindowReader(
                store, format, Pieces.of(range).pieces(), after.map(Place::of), windowDocuments, notesFiles);
    }

    @Override
    public void close() {
        store.close();
    }

    private static DocumentFields fields(String manifestPath, DocumentFiles files) {
        String key = Objects.requireNonNull(files.keyField(), "keyField");
        return new DocumentFields(manifestPath, key, files.textFields(), files.copied());
    }
}
