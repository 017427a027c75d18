package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.runner.document.KeyType;
import io.embeddingoperator.runner.document.MetadataColumn;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.source.StoredFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** Rows of Parquet files that all have the same columns; a file comes apart at its row groups. */
final class ParquetFormat implements FileFormat {
    private final FileStore store;
    private final ParquetColumns columns;

    private ParquetFormat(FileStore store, ParquetColumns columns) {
        this.store = store;
        this.columns = columns;
    }

    /** Takes the columns of the first file that can be read; where it has nothing but nulls in one, that of the first that has more. */
    static ParquetFormat of(FileStore store, DocumentFields fields) {
        int files = 0;
        Optional<Damage> first = Optional.empty();
        ParquetColumns columns = null;
        for (Iterator<StoredFile> listed = store.list().iterator(); listed.hasNext(); files++) {
            StoredFile file = listed.next();
            try (OpenParquet open = OpenParquet.open(store, file)) {
                ParquetColumns found = open.columns(fields);
                columns = columns == null ? found : columns.typedBy(found);
            } catch (DamagedParquetException e) {
                first = first.or(() -> Optional.of(new Damage(file, e)));
            }
            if (columns != null && columns.areTyped()) {
                return new ParquetFormat(store, columns);
            }
        }
        if (columns != null) {
            return new ParquetFormat(store, columns);
        }
        Damage damaged = first.orElseThrow();
        throw new SpecificationException(
                "none of the %d files of %s.path can be read as Parquet; %s: %s"
                        .formatted(
                                files,
                                fields.manifestPath(),
                                damaged.file().path(),
                                damaged.failure().getMessage()),
                damaged.failure());
    }

    private record Damage(StoredFile file, DamagedParquetException failure) {}

    @Override
    public String keyName() {
        return columns.fields().key();
    }

    @Override
    public KeyType keyType() {
        return columns.keyType();
    }

    @Override
    public List<MetadataColumn> metadata() {
        return columns.metadata();
    }

    @Override
    public List<SplitCandidate> divide(StoredFile file) {
        Piece whole = Piece.whole(file);
        try (OpenParquet open = OpenParquet.open(store, file)) {
            columns.refuseOther(open.columns(columns.fields()));
            List<SplitCandidate> units = new ArrayList<>();
            long from = 0;
            for (RowGroup next : open.rowGroups().stream().skip(1).toList()) {
                units.add(new SplitCandidate(whole.part(from, next.start()), false));
                from = next.start();
            }
            units.add(new SplitCandidate(whole.part(from, file.size()), false));
            return units;
        } catch (DamagedParquetException e) {
            // The shard that gets the file reads nothing of it and says why; the others are not held up.
            return List.of(new SplitCandidate(whole, false));
        }
    }

    @Override
    public int dividedAtOnce() {
        return 2;
    }

    /** The footer comes first. */
    @Override
    public boolean readsFromStart() {
        return false;
    }

    @Override
    public long start(Piece piece) {
        return 0;
    }

    @Override
    public PieceReader open(Piece piece, long offset) throws IOException {
        return new ParquetPieceReader(store, piece, offset, columns);
    }
}
