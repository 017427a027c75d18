package io.embeddingoperator.runner.sink.window;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.Counts;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrphanLimitTest {
    @ParameterizedTest(name = "{0} %: {1} gone, {2} before, {3} unchanged, {4} embedded: {5}")
    @CsvSource(textBlock = """
             20 |  200 | 1000 |  800 |     0 | removed
             20 |  201 | 1000 |  799 |     0 | held
             20 |  200 | 1000 |    0 |   800 | removed
             20 | 1000 | 1000 |    0 | 10000 | held
             20 | 1000 | 1000 | 9000 |     0 | held
             20 | 1000 |  500 | 9000 |     0 | held
             20 |   10 |      |   90 |     0 | removed
             20 |   10 |      |    0 |  1000 | held
              0 |    1 | 1000 |  999 |     0 | held
              0 |    0 | 1000 |  999 |     0 | removed
             99 | 1000 | 1000 |    0 |     1 | held
             99 |    1 | 1000 |    0 |     0 | held
             20 |    0 | 1000 |    0 |     0 | removed
            100 | 1000 | 1000 |    0 |     0 | removed
            100 | 1000 |      |    0 |     0 | removed
            """, delimiter = '|')
    void removesOnlyWhatIsAShareOfWhatTheJobHadBefore(
            int percent, long found, Long before, long unchanged, long embedded, String expected) {
        OrphanLimit limit = limit(percent, before);
        Counts read = Counts.window(0, unchanged, 0).plus(Counts.embedded(embedded, 0, 0, 0, 0));

        Optional<String> refusal = limit.refusal(found, read);

        assertThat(refusal.isPresent() ? "held" : "removed").isEqualTo(expected);
        if (refusal.isEmpty()) {
            assertThat(found).as("all of them are noted").isLessThanOrEqualTo(limit.most());
        }
    }

    @Test
    void saysHowManyAndWhatToDo() {
        assertThat(limit(20, 1_000L).refusal(901, Counts.window(0, 99, 0)))
                .contains(
                        "901 of the 1,000 documents that this job had in public.vectors are gone from the source, 91 %, more"
                                + " than spec.sink.pgvector.orphanLimitPercent (20) allows: none was removed. Check the source, and its"
                                + " where; if they are to go, raise the limit and change spec.runNonce");
        assertThat(limit(20, 1_000L).refusal(1_000, Counts.ZERO))
                .contains(
                        "the source holds no documents, and this job has 1,000 in public.vectors: none was removed. Check the"
                                + " source, and its where; if they are to go, set spec.sink.pgvector.orphanLimitPercent to 100 and"
                                + " change spec.runNonce");
    }

    private static OrphanLimit limit(int percent, Long before) {
        return new OrphanLimit(
                "public.vectors", percent, before == null ? OptionalLong.empty() : OptionalLong.of(before));
    }
}
