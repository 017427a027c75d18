package io.embeddingoperator.runner.source.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineReaderTest {
    private static final int MAX_LINE_BYTES = 1024 * 1024;

    @Test
    void passesOverALineOf200MegabytesWithoutHoldingIt() throws IOException {
        InputStream in = new SequenceInputStream(Collections.enumeration(
                List.of(stream("first\n{\"id\":1,"), new Repeated((byte) 'x', 200L * 1024 * 1024), stream("\nlast"))));
        int most = 0;
        List<String> lines = new ArrayList<>();

        LineReader reader = new LineReader(in, 0, MAX_LINE_BYTES);
        while (reader.next()) {
            most = Math.max(most, reader.bytes().length);
            lines.add(reader.tooLong() ? "too long: " + beginning(reader, 8) : beginning(reader, 20));
        }

        assertThat(lines).containsExactly("first", "too long: {\"id\":1,", "last");
        assertThat(most).isLessThanOrEqualTo(2 * MAX_LINE_BYTES);
        assertThat(reader.nextOffset()).isEqualTo(6 + 8 + 200L * 1024 * 1024 + 1 + 4);
    }

    @Test
    void takesALineOfExactlyTheLimit() throws IOException {
        LineReader reader = new LineReader(stream("x".repeat(MAX_LINE_BYTES) + "\ny"), 0, MAX_LINE_BYTES);

        assertThat(reader.next()).isTrue();
        assertThat(reader.tooLong()).isFalse();
        assertThat(reader.lineLength()).isEqualTo(MAX_LINE_BYTES);
        assertThat(reader.next()).isTrue();
        assertThat(reader.lineOffset()).isEqualTo(MAX_LINE_BYTES + 1);
    }

    @Test
    void refusesALineOneByteBeyondTheLimitWhereverItsEndStandsInTheBuffer() throws IOException {
        for (int before : List.of(0, 1, 100_000, 700_000)) {
            String text = "b".repeat(before) + "\n" + "x".repeat(MAX_LINE_BYTES + 1) + "\nlast";

            LineReader reader = new LineReader(stream(text), 0, MAX_LINE_BYTES);

            assertThat(reader.next()).isTrue();
            assertThat(reader.tooLong()).isFalse();
            assertThat(reader.next()).isTrue();
            assertThat(reader.tooLong()).isTrue();
            assertThat(reader.lineOffset()).isEqualTo(before + 1);
            assertThat(reader.next()).isTrue();
            assertThat(beginning(reader, 20)).isEqualTo("last");
        }
    }

    @Test
    void passesOverALineThatIsTooLongAtTheEndOfTheFile() throws IOException {
        LineReader reader = new LineReader(stream("x".repeat(3 * MAX_LINE_BYTES)), 0, MAX_LINE_BYTES);

        assertThat(reader.next()).isTrue();
        assertThat(reader.tooLong()).isTrue();
        assertThat(reader.next()).isFalse();
        assertThat(reader.nextOffset()).isEqualTo(3L * MAX_LINE_BYTES);
    }

    private static String beginning(LineReader reader, int length) {
        return new String(
                reader.bytes(), reader.lineStart(), Math.min(length, reader.lineLength()), StandardCharsets.UTF_8);
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The same byte over and over. */
    private static final class Repeated extends InputStream {
        private final byte value;
        private long left;

        Repeated(byte value, long count) {
            this.value = value;
            this.left = count;
        }

        @Override
        public int read() {
            return left-- > 0 ? value : -1;
        }

        @Override
        public int read(byte[] bytes, int from, int length) {
            if (left <= 0) {
                return -1;
            }
            int count = (int) Math.min(length, left);
            java.util.Arrays.fill(bytes, from, from + count, value);
            left -= count;
            return count;
        }
    }
}
