package io.embeddingoperator.runner.source.files;

import io.embeddingoperator.runner.document.FailedDocument;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/** The records of lines: those that are blank are passed over, those that are too long are named. */
final class NdjsonLines {
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final LineReader lines;
    private final JsonRecords records;
    private final String where;

    /** @param where what stands in a location before the offset, for example {@code in/a.ndjson at byte} */
    NdjsonLines(LineReader lines, JsonRecords records, String where) {
        this.lines = lines;
        this.records = records;
        this.where = where;
    }

    /** Moves to the first record that starts at the offset or behind it; the stream starts one byte before. */
    void moveTo(long offset) throws IOException {
        if (offset > 0) {
            lines.skipLine();
        }
    }

    /** Where the line behind those that were read starts. */
    long nextOffset() {
        return lines.nextOffset();
    }

    /** The next record that starts before the end, or empty. */
    Optional<FileRecord> next(long end) throws IOException {
        while (lines.nextOffset() < end && lines.next()) {
            String location = where + " " + lines.lineOffset();
            int mark = markBytes();
            int start = lines.lineStart() + mark;
            int length = lines.lineLength() - mark;
            if (lines.tooLong()) {
                return Optional.of(new FileRecord.Unreadable(new FailedDocument(
                        records.keyInBeginning(lines.bytes(), start, length),
                        location,
                        "the line has more than %d bytes: split the document".formatted(NdjsonFormat.MAX_LINE_BYTES))));
            }
            if (!isBlank(start, length)) {
                return Optional.of(records.read(lines.bytes(), start, length, lines.endsWithoutFeed(), location));
            }
        }
        return Optional.empty();
    }

    /** Files that were joined to one have a mark where each of them began. */
    private int markBytes() {
        int start = lines.lineStart();
        int length = Math.min(BYTE_ORDER_MARK.length, lines.lineLength());
        return Arrays.equals(lines.bytes(), start, start + length, BYTE_ORDER_MARK, 0, BYTE_ORDER_MARK.length)
                ? BYTE_ORDER_MARK.length
                : 0;
    }

    private boolean isBlank(int start, int length) {
        byte[] bytes = lines.bytes();
        for (int i = start; i < start + length; i++) {
            if (bytes[i] != ' ' && bytes[i] != '\t' && bytes[i] != '\r') {
                return false;
            }
        }
        return true;
    }
}
