package io.embeddingoperator.runner.embed.openai.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.runner.batches.TestingBatchRun;
import io.embeddingoperator.runner.embed.openai.reply.BatchFileLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RequestLinesTest {
    private static final String BATCH = "eb0123456789abcdef0123";
    private final RequestLines lines = TestingBatchRun.lines("text-embedding-3-small", Map.of("dimensions", "256"));

    @Test
    void writesOneRequestALine() throws IOException {
        assertThat(written(lines, "b-7", List.of("first", "second")))
                .isEqualTo("{\"custom_id\":\"b-7\",\"method\":\"POST\",\"url\":\"/v1/embeddings\",\"body\":"
                        + "{\"model\":\"text-embedding-3-small\",\"dimensions\":256,\"encoding_format\":\"base64\","
                        + "\"input\":[\"first\",\"second\"]}}\n");
    }

    @Test
    void leavesOutDimensionsWhereTheModelHasNoChoice() throws IOException {
        assertThat(written(TestingBatchRun.lines("text-embedding-ada-002", Map.of()), "b-0", List.of("text")))
                .doesNotContain("dimensions");
    }

    @Test
    void writesABodyAloneForMistral() throws IOException {
        RequestLines ofMistral = new MistralForm("mistral-embed").lines(Map.of("output_dimension", "256"), 12_000);

        assertThat(written(ofMistral, "b-7", List.of("first")))
                .isEqualTo("{\"custom_id\":\"b-7\",\"body\":{\"model\":\"mistral-embed\",\"output_dimension\":256,"
                        + "\"encoding_format\":\"float\",\"input\":[\"first\"]}}\n");
    }

    @Test
    void saysWhatARequestSaysOfItsTexts() throws IOException {
        RequestLines told = TestingBatchRun.lines("a-model", Map.of("input_type", "\"passage\""));

        assertThat(written(told, "b-0", List.of("text")))
                .contains("\"body\":{\"model\":\"a-model\",\"input_type\":\"passage\",\"encoding_format\"");
        assertThat(told.bytes(List.of("text")))
                .isGreaterThan(TestingBatchRun.lines("a-model", Map.of()).bytes(List.of("text")));
    }

    @Test
    void keepsALineOnOneLineAndOfOneForm() throws IOException {
        assertThat(written(lines, "b-0", List.of("a\nb\r\n\"quoted\" \\ \u0001 \u2028 ü 😀 \ud83d")))
                .endsWith("\"input\":[\"a\\nb\\r\\n\\\"quoted\\\" \\\\ \\u0001 \u2028 ü 😀 \uFFFD\"]}}\n")
                .satisfies(
                        line -> assertThat(line.chars().filter(c -> c == '\n')).hasSize(1));
    }

    @Test
    void measuresALineBeforeItsBatchHasAName() throws IOException {
        // given
        List<String> inputs = List.of("naïve \u0007 😀", "\ud83d alone", "plain");

        // when, then
        for (int ordinal : new int[] {0, BatchFileLimits.INPUTS - 1}) {
            assertThat(lines.bytes(inputs))
                    .isEqualTo(written(lines, CustomId.of(BATCH, ordinal), inputs)
                            .getBytes(StandardCharsets.UTF_8)
                            .length);
        }
    }

    @Test
    void leadsACustomIdBackToItsDocument() {
        assertThat(CustomId.ordinal(BATCH, CustomId.of(BATCH, 49_999))).hasValue(49_999);
        assertThat(CustomId.ordinal(BATCH, CustomId.of(BATCH, 0))).hasValue(0);
        for (String foreign : List.of("", BATCH, BATCH + "-1", BATCH + "-1234x", BATCH + "-123456", "other-00001")) {
            assertThat(CustomId.ordinal(BATCH, foreign)).as(foreign).isEmpty();
        }
        assertThat(CustomId.ordinal(BATCH, null)).isEmpty();
    }

    private static String written(RequestLines lines, String customId, List<String> inputs) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        lines.write(out, customId, inputs);
        return out.toString(StandardCharsets.UTF_8);
    }
}
