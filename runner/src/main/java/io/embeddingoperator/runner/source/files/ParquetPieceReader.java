package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.runner.document.FailedDocument;
import java.util.List;
import java.util.Optional;
import org.apache.parquet.io.RecordReader;
import org.jspecify.annotations.Nullable;

/**
 * Reads the row groups whose first byte stands in a piece, one in memory at a time. Offsets are numbers of rows in the
 * file, from 0.
 */
final class ParquetPieceReader implements PieceReader {
    private final FileStore store;
    private final Piece piece;
    private final ParquetColumns expected;
    private @Nullable OpenParquet file;
    private @Nullable Content content;
    private @Nullable RecordReader<Object[]> rows;
    private int group;
    private long row;
    private long wanted;

    ParquetPieceReader(FileStore store, Piece piece, long offset, ParquetColumns expected) {
        this.store = store;
        this.piece = piece;
        this.wanted = offset;
        this.expected = expected;
    }

    @Override
    public Optional<FileRecord> next() {
        try {
            if (content == null) {
                content = open();
            }
        } catch (DamagedParquetException e) {
            return Optional.of(new FileRecord.Damaged(FailedDocument.damage(
                    piece.path(),
                    "the file cannot be read as Parquet (%s): write it again".formatted(e.getMessage()))));
        }
        while (group < content.groups().size()) {
            RowGroup current = content.groups().get(group);
            try {
                if (wanted < current.endRow()) {
                    return Optional.of(nextRow(content, current));
                }
            } catch (DamagedParquetException e) {
                return Optional.of(passOver(current, e));
            }
            nextGroup();
        }
        return Optional.empty();
    }

    @Override
    public long offset() {
        return wanted;
    }

    @Override
    public long work() {
        if (content == null) {
            return 0;
        }
        List<RowGroup> groups = content.groups();
        if (group >= groups.size()) {
            return piece.bytes();
        }
        RowGroup current = groups.get(group);
        long from = group == 0 ? piece.from() : current.start();
        long to = group + 1 < groups.size() ? groups.get(group + 1).start() : piece.to();
        double share = (double) Math.max(0, wanted - current.firstRow()) / Math.max(1, current.rows());
        return from - piece.from() + (long) ((to - from) * share);
    }

    @Override
    public void close() {
        if (file != null) {
            file.close();
        }
    }

    private Content open() throws DamagedParquetException {
        // Closed with this reader, also where what stands in it is damaged.
        file = OpenParquet.open(store, piece.file());
        ParquetColumns columns = file.columns(expected.fields());
        expected.refuseOther(columns);
        List<RowGroup> groups = file.rowGroups().stream()
                .filter(group -> group.start() >= piece.from() && group.start() < piece.to())
                .toList();
        wanted = Math.max(wanted, groups.isEmpty() ? 0 : groups.get(0).firstRow());
        return new Content(file, columns, new ParquetRecords(columns), groups);
    }

    private FileRecord nextRow(Content content, RowGroup current) throws DamagedParquetException {
        if (rows == null) {
            rows = content.file().rows(current, content.columns());
            row = current.firstRow();
        }
        while (true) {
            Object[] values = OpenParquet.orDamaged(rows::read);
            if (row++ == wanted) {
                wanted++;
                return content.records().read(values, "%s row %d".formatted(piece.path(), row - 1));
            }
        }
    }

    private FileRecord passOver(RowGroup current, DamagedParquetException damage) {
        String location = "%s rows %d to %d".formatted(piece.path(), wanted, current.endRow() - 1);
        wanted = current.endRow();
        nextGroup();
        return new FileRecord.Unreadable(FailedDocument.damage(
                location, "the row group cannot be read (%s): write the file again".formatted(damage.getMessage())));
    }

    private void nextGroup() {
        group++;
        rows = null;
    }

    /** What the footer tells of the piece. */
    private record Content(OpenParquet file, ParquetColumns columns, ParquetRecords records, List<RowGroup> groups) {}
}
