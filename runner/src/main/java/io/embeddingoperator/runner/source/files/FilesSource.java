package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.api.v1alpha1.VolumeSource;
import io.embeddingoperator.runner.source.KeyOrder;
import io.embeddingoperator.runner.source.Position;
import io.embeddingoperator.runner.source.ShardRange;
import io.embeddingoperator.runner.source.Source;
import io.embeddingoperator.runner.source.SourceSchema;
import io.embeddingoperator.runner.source.WindowReader;
import io.embeddingoperator.runner.source.WorkUnit;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Documents in files, divided by bytes and read in the order of the files' paths. */
public final class FilesSource implements Source {
    private static final String VOLUME = "spec.source.volume";

    private final FileStore store;
    private final FileFormat format;
    private final SourceSchema schema;

    private FilesSource(String name, FileStore store, FileFormat format) {
        this.store = store;
        this.format = format;
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
        FileFormat format = switch (volume.format()) {
            case NDJSON -> new NdjsonFormat(store, fields(volume));
            case Parquet -> ParquetFormat.of(store, fields(volume));
            case Text -> new TextFormat(store, VOLUME, volume.copied());
        };
        return new FilesSource(volume.path(), store, format);
    }

    @Override
    public SourceSchema schema() {
        return schema;
    }

    @Override
    public List<ShardRange> plan(int shards) {
        List<SplitCandidate> units = store.list().stream()
                .flatMap(file -> format.divide(file).stream())
                .toList();
        List<ShardRange> ranges = new ArrayList<>();
        for (Pieces pieces : PieceBalancer.share(units, shards)) {
            ranges.add(pieces.toRange(ranges.size()));
        }
        return ranges;
    }

    @Override
    public WindowReader read(ShardRange range, Optional<Position> after, int windowDocuments) {
        return new FilesWindowReader(store, format, Pieces.of(range).pieces(), after.map(Place::of), windowDocuments);
    }

    @Override
    public void close() {}

    private static DocumentFields fields(VolumeSource volume) {
        return new DocumentFields(VOLUME, volume.keyField(), volume.textFields(), volume.copied());
    }
}
