package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.runner.document.FailedDocument;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.zip.ZipException;

/**
 * Reads a gzip file from its start: offsets are those of the decompressed bytes, work is counted in compressed ones. To
 * go on from an offset, everything before it is decompressed again.
 */
final class GzipNdjsonReader implements PieceReader {
    private final CountingInputStream compressed;
    private final Piece piece;
    private final long offset;
    private final JsonRecords json;
    private LineReader lines;
    private NdjsonLines records;

    GzipNdjsonReader(InputStream compressed, Piece piece, long offset, JsonRecords json) {
        this.compressed = new CountingInputStream(compressed);
        this.piece = piece;
        this.offset = offset;
        this.json = json;
    }

    @Override
    public Optional<FileRecord> next() throws IOException {
        try {
            if (records == null) {
                open();
            }
            return records.next(Long.MAX_VALUE);
        } catch (EOFException e) {
            return damaged("the file ends in the middle of its gzip data");
        } catch (ZipException e) {
            return damaged("the gzip data is damaged (%s)".formatted(e.getMessage()));
        }
    }

    @Override
    public long offset() {
        return lines == null ? offset : lines.nextOffset();
    }

    @Override
    public long work() {
        return Math.min(compressed.count(), piece.bytes());
    }

    @Override
    public void close() throws IOException {
        if (lines != null) {
            lines.close();
        }
        compressed.close();
    }

    private void open() throws IOException {
        InputStream content = new WholeGzipInputStream(compressed);
        long from = Math.max(0, offset - 1);
        content.skipNBytes(from);
        lines = new LineReader(content, from, NdjsonFormat.MAX_LINE_BYTES);
        records = new NdjsonLines(lines, json, piece.path() + " at decompressed byte");
        records.moveTo(offset);
    }

    private Optional<FileRecord> damaged(String what) {
        return Optional.of(new FileRecord.Damaged(FailedDocument.damage(
                piece.path(),
                "%s behind decompressed byte %d: what stands before it is read, write the file again for the rest"
                        .formatted(what, offset()))));
    }
}
