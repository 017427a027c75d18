package io.embeddingoperator.runner.source.files;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdIOException;
import io.embeddingoperator.runner.document.FailedDocument;
import io.embeddingoperator.runner.document.Limits;
import io.embeddingoperator.runner.failure.SpecificationException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a compressed file from its start: offsets are those of the decompressed bytes, work is counted in compressed ones. To
 * go on from an offset, everything before it is decompressed again.
 */
final class CompressedNdjsonReader implements PieceReader {
    private final CountingInputStream compressed;
    private final Compression compression;
    private final Piece piece;
    private final long offset;
    private final JsonRecords json;
    private @Nullable LineReader lines;
    private @Nullable NdjsonLines records;

    CompressedNdjsonReader(
            InputStream compressed, Compression compression, Piece piece, long offset, JsonRecords json) {
        this.compressed = new CountingInputStream(compressed);
        this.compression = compression;
        this.piece = piece;
        this.offset = offset;
        this.json = json;
    }

    @Override
    public Optional<FileRecord> next() throws IOException {
        try {
            NdjsonLines opened = records == null ? open() : records;
            return opened.next(Long.MAX_VALUE);
        } catch (EOFException e) {
            return damaged("the file ends in the middle of its %s data".formatted(compression));
        } catch (ZipException e) {
            return damaged("the %s data is damaged (%s)".formatted(compression, e.getMessage()));
        } catch (ZstdIOException e) {
            refuseUnreadable(e);
            return damaged("the %s data is damaged (%s)".formatted(compression, e.getMessage()));
        }
    }

    @Override
    public long offset() {
        return records == null ? offset : records.nextOffset();
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

    private NdjsonLines open() throws IOException {
        if (piece.bytes() == 0) {
            throw new EOFException("compressed data begin with a header");
        }
        InputStream content = compression.decompress(compressed);
        long from = Math.max(0, offset - 1);
        // Closed with this reader, also where the content ends before the offset.
        lines = new LineReader(content, from, NdjsonFormat.MAX_LINE_BYTES);
        content.skipNBytes(from);
        records = new NdjsonLines(lines, json, piece.path() + " at decompressed byte");
        records.moveTo(offset);
        return records;
    }

    /** What is whole, and needs more than its bytes to be read. */
    private void refuseUnreadable(ZstdIOException e) {
        if (e.getErrorCode() == Zstd.errFrameParameterWindowTooLarge()) {
            throw new SpecificationException(
                    "%s is compressed with zstd in long mode, which takes more memory to read than its %d MiB: compress it with a level up to 19, without --long and --ultra"
                            .formatted(piece.path(), Limits.MAX_DECOMPRESSION_BYTES >> 20),
                    e);
        }
        if (e.getErrorCode() == Zstd.errDictionaryWrong()) {
            throw new SpecificationException(
                    "%s is compressed with zstd and a dictionary, which is not at hand: compress it without one"
                            .formatted(piece.path()),
                    e);
        }
    }

    private Optional<FileRecord> damaged(String what) {
        return Optional.of(new FileRecord.Damaged(FailedDocument.damage(
                piece.path(),
                "%s behind decompressed byte %d: what stands before it is read, write the file again for the rest"
                        .formatted(what, offset()))));
    }
}
