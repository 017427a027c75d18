package io.embeddingoperator.api.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.embeddingoperator.api.contract.Progress.Committed;
import io.embeddingoperator.api.contract.Progress.Documents;
import io.embeddingoperator.api.contract.Progress.FailedDocument;
import io.embeddingoperator.api.contract.Progress.Pace;
import io.embeddingoperator.api.contract.Progress.Phase;
import io.embeddingoperator.api.contract.Progress.Process;
import io.embeddingoperator.api.contract.Progress.Recall;
import io.embeddingoperator.api.contract.Progress.SinkState;
import io.embeddingoperator.api.contract.Progress.Work;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TerminationMessageTest {
    @Test
    void saysWhatItWasTold() throws JsonProcessingException {
        Progress progress = failed("spec.source.postgres.table is empty: name the table that holds the documents");

        String message = TerminationMessage.write(progress);

        assertThat(TerminationMessage.read(message)).isEqualTo(progress);
    }

    @Test
    void ofARunnerThatIsOlderThanTheFieldSaysNothingOfTheSink() throws JsonProcessingException {
        String message = TerminationMessage.write(failed("the end")).replaceFirst(",\"sink\":\\{[^}]*}", "");

        assertThat(message).doesNotContain("sink");
        assertThat(TerminationMessage.read(message).sink()).isNull();
    }

    @Test
    void aRunWhoseShardsAreNotAllCompleteIsNeverReadAsComplete() {
        String message = TerminationMessage.write(failed("the end")).replace("\"complete\":false", "\"complete\":true");

        assertThatThrownBy(() -> TerminationMessage.read(message)).isInstanceOf(JsonProcessingException.class);
    }

    @Test
    void cutsASentenceOfManyBytesACharacter() throws JsonProcessingException {
        assertIsCut("الجدول فارغ ".repeat(1_000));
    }

    @Test
    void cutsNoCharacterInTwo() throws JsonProcessingException {
        assertIsCut("𝄞😀".repeat(5_000));
    }

    @Test
    void cutsASentenceWhoseCharactersJsonEscapes() throws JsonProcessingException {
        assertIsCut("\u0000\"\\\n".repeat(100_000));
    }

    @Test
    void showsHalfACharacterThatNoUtf8FileHoldsAsItsNumber() throws JsonProcessingException {
        String message = TerminationMessage.write(failed("key \uD834 is broken"));

        assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(message)).isTrue();
        assertThat(TerminationMessage.read(message).message()).isEqualTo("key \\uD834 is broken");
    }

    @Test
    void leavesTheLastFailuresOutBeforeItCutsTheSentence() throws JsonProcessingException {
        // given five failures of which three fit
        List<FailedDocument> failures = IntStream.range(0, 5)
                .mapToObj(i -> new FailedDocument("key " + i, "r".repeat(1_000)))
                .toList();
        Progress progress = failed("5 documents failed").withFailedDocuments(failures);

        // when
        Progress told = TerminationMessage.read(TerminationMessage.write(progress));

        // then
        assertThat(told).isEqualTo(progress.withFailedDocuments(failures.subList(0, 3)));
    }

    @Test
    void cutsTheSentenceWhenItAloneIsTooLong() throws JsonProcessingException {
        Progress progress =
                failed("s".repeat(5_000)).withFailedDocuments(List.of(new FailedDocument("key", "too long")));

        Progress told = TerminationMessage.read(TerminationMessage.write(progress));

        assertThat(told.failedDocuments()).isEmpty();
        assertThat(told.message()).startsWith("sss").endsWith("…");
    }

    @Test
    void refusesAProgressThatCannotFit() {
        Progress progress = progress("n".repeat(5_000), "a sentence");

        assertThatThrownBy(() -> TerminationMessage.write(progress))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a progress document without its sentence takes 5524 bytes and Kubernetes keeps 4096:"
                        + " shorten job (5000 characters)");
    }

    @Test
    void understandsARunnerThatSaysMore() throws JsonProcessingException {
        String message = TerminationMessage.write(failed(null)).replaceFirst("\\{", "{\"later\": {\"field\": 1}, ");

        assertThat(TerminationMessage.read(message)).isEqualTo(failed(null));
    }

    private static void assertIsCut(String sentence) throws JsonProcessingException {
        String message = TerminationMessage.write(failed(sentence));

        assertThat(message.getBytes(StandardCharsets.UTF_8)).hasSizeBetween(3_000, TerminationMessage.MAX_BYTES);
        assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(message)).isTrue();
        String said = TerminationMessage.read(message).message();
        assertThat(said).endsWith("…");
        assertThat(PrintableText.of(sentence)).startsWith(said.substring(0, said.length() - 1));
    }

    private static Progress failed(String sentence) {
        return progress("default/wiki", sentence);
    }

    private static Progress progress(String job, String sentence) {
        return new Progress(
                new Process(job, 1, 7),
                Phase.Failed,
                new Committed(
                        new Documents(1_000L, 990L, 0L, 10L),
                        new Work("documents", 1_000, 1_000, 100.0),
                        2_000,
                        500_000,
                        3),
                new Pace(41_000.5, 80.25, null),
                sentence,
                null,
                null,
                null,
                null,
                new SinkState(false, 6, 8, "2026-11-29T14:00:00.123456Z"),
                new Recall(0.984, 80, 0.941, 40, 0.95, 100, "2026-11-29T14:00:00.123456Z"));
    }
}
