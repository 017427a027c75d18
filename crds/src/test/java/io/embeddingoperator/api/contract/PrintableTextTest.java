package io.embeddingoperator.api.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PrintableTextTest {
    @Test
    void charactersThatActOnATerminalAreShownAsNumbers() {
        assertThat(PrintableText.of("\u001b[2J\u001b]0;title\u0007 \u009b31m"))
                .isEqualTo("\\x1B[2J\\x1B]0;title\\x07 \\x9B31m");
        assertThat(PrintableText.of("a\0b\u007fc\bd")).isEqualTo("a\\x00b\\x7Fc\\x08d");
    }

    @Test
    void charactersThatReorderOrHideAreShownAsNumbers() {
        for (String hidden : List.of(
                "\u202a", "\u202e", "\u2066", "\u2069", "\u200e", "\u200f", "\u061c", "\u200b", "\ufeff", "\ud800",
                "\ue000")) {
            assertThat(PrintableText.of("a" + hidden + "b")).matches("a\\\\u[0-9A-F]{4}b");
        }
        assertThat(PrintableText.of("\uDB40\uDC41")).isEqualTo("\\uE0041");
        assertThat(PrintableText.of("\u00ad")).isEqualTo("\\xAD");
    }

    @Test
    void aTextIsOneLine() {
        assertThat(PrintableText.of("one\r\nINFO two\u2028three\u0085four")).isEqualTo("one  INFO two three four");
    }

    @Test
    void wordsOfAnyLanguageStayAsTheyAre() {
        for (String words : List.of("naïve – „Größe“ …", "نص عربي", "می\u200cخواهم", "日本語", "👩\u200d💻 emoji", "")) {
            assertThat(PrintableText.of(words)).isEqualTo(words);
        }
        assertThat(PrintableText.ofNullable(null)).isNull();
    }

    @Test
    void lengthIsBoundedAlsoWhereCharactersGrow() {
        assertThat(PrintableText.of("abcdef", 6)).isEqualTo("abcdef");
        assertThat(PrintableText.of("abcdefg", 6)).isEqualTo("abcde…");
        assertThat(PrintableText.of("\u001b".repeat(1_000), 10)).isEqualTo("\\x1B\\x1B\\…");
        assertThat(PrintableText.of("abcd😀fgh", 6)).isEqualTo("abcd…");
        assertThat(PrintableText.ofNullable(null, 6)).isNull();
    }
}
