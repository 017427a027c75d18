package io.embeddingoperator.operator.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordsTest {
    @Test
    void namesAFewShardsAndCountsTheOthers() {
        assertThat(Sentence.shards(List.of(3))).isEqualTo("shard 3");
        assertThat(Sentence.shards(List.of(3, 7))).isEqualTo("shards 3 and 7");
        assertThat(Sentence.shards(List.of(3, 7, 9))).isEqualTo("shards 3, 7 and 9");
        assertThat(Sentence.shards(List.of(3, 7, 9, 12, 20))).isEqualTo("shards 3, 7, 9 and 2 more");
    }

    @Test
    void keepsASentenceOnOneLineAndShort() {
        assertThat(Sentence.of(" two\n  lines\u0000 ")).isEqualTo("two lines\\x00");
        assertThat(Sentence.quote("x".repeat(400), 300)).hasSize(300).endsWith("x…");
        assertThat(Sentence.quote("😀".repeat(10), 10)).isEqualTo("😀😀😀😀…");
        assertThat(Sentence.quote(null, 10)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            value = {"0,2-5,7|6", "0-9|10", "|0", "3|1", "8-200|2", "5-2|0", "x,1|1", "99999999999|0"},
            delimiter = '|')
    void readsTheIndexesOfAJob(String list, int count) {
        assertThat(ShardIndexes.parse(list, 10).count()).isEqualTo(count);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0.4, 0", "7.3, 7", "48.6, 49", "483, 480", "48321.5, 48000", "NaN, 0", "-3, 0"})
    void roundsARateToTwoDigits(double rate, long rounded) {
        assertThat(Count.roughly(rate)).isEqualTo(rounded);
    }
}
