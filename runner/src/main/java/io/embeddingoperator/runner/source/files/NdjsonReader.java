package io.embeddingoperator.runner.source.files;

import java.io.IOException;
import java.util.Optional;

/** Reads a byte range of a plain file: the records that start in it, the last one to its end. */
final class NdjsonReader implements PieceReader {
    private final LineReader lines;
    private final NdjsonLines records;
    private final Piece piece;

    NdjsonReader(LineReader lines, Piece piece, JsonRecords records) {
        this.lines = lines;
        this.piece = piece;
        this.records = new NdjsonLines(lines, records, piece.path() + " at byte");
    }

    void moveToRecord(long offset) throws IOException {
        records.moveTo(offset);
    }

    @Override
    public Optional<FileRecord> next() throws IOException {
        return records.next(piece.to());
    }

    @Override
    public long offset() {
        return lines.nextOffset();
    }

    @Override
    public long work() {
        return Math.clamp(lines.nextOffset() - piece.from(), 0, piece.bytes());
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }
}
