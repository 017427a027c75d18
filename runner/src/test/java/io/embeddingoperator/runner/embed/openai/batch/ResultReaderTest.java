package io.embeddingoperator.runner.embed.openai.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResultReaderTest {
    private static final int DIMENSIONS = 2;

    @Test
    void readsVectorsInBothFormsInTheOrderOfTheirIndex() throws IOException {
        // when
        List<ResultLine> read = read("""
                {"id":"batch_req_1","custom_id":"b-0","response":{"status_code":200,"request_id":"r","body":{"object":"list",\
                "data":[{"object":"embedding","index":1,"embedding":%s},{"object":"embedding","index":0,"embedding":[0.5,-1e-3]}],\
                "model":"m","usage":{"prompt_tokens":7,"total_tokens":7}}},"error":null}
                """.formatted(base64(3, 4)));

        // then
        assertThat(read).singleElement().isInstanceOfSatisfying(ResultLine.Embedded.class, line -> {
            assertThat(line.customId()).isEqualTo("b-0");
            assertThat(line.vectors()).isDeepEqualTo(new float[][] {{0.5f, -1e-3f}, {3, 4}});
            assertThat(line.tokens()).isEqualTo(7);
        });
    }

    @Test
    void doesNotCareInWhichOrderTheFieldsOfALineCome() throws IOException {
        List<ResultLine> read = read("""
                {"error":null,"response":{"body":{"usage":{"total_tokens":3},"data":[{"embedding":[1,2],"index":0},\
                {"embedding":[3,4],"index":1}],"more":{"nested":[1]}},"status_code":200},"custom_id":"b-1"}
                """);

        assertThat(read).singleElement().isInstanceOf(ResultLine.Embedded.class);
    }

    @Test
    void readsLineEndsOfEachKindAndPassesOverBlankLinesAndGarbage() throws IOException {
        // when
        List<ResultLine> read = read("\uFEFF%s\r\n\r\n  \n%s\n[1]\n{\"custom_id\":5 oops\n\"x\"\n%s %s\n{}\n%s"
                .formatted(notRun("b-0"), notRun("b-1"), notRun("b-2"), notRun("b-3"), notRun("b-4")));

        // then
        assertThat(read)
                .extracting(line -> line instanceof ResultLine.NotRun one
                        ? one.customId()
                        : line.getClass().getSimpleName())
                .containsExactly("b-0", "b-1", "Garbage", "Garbage", "Garbage", "Garbage", "Garbage", "b-4");
    }

    @Test
    void takesALastLineThatIsCutOffForGarbage() throws IOException {
        String whole = embedded("b-0", "[1,2]", "[3,4]");
        for (int length = 1; length < whole.length(); length++) {
            assertThat(read(whole.substring(0, length)))
                    .as(whole.substring(0, length))
                    .singleElement()
                    .isInstanceOf(ResultLine.Garbage.class);
        }
        assertThat(read(whole)).singleElement().isInstanceOf(ResultLine.Embedded.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"index\":0,\"embedding\":[1,2]} | it holds 1 vectors for 2 texts",
                "{\"index\":0,\"embedding\":[1,2]},{\"index\":0,\"embedding\":[1,2]} | two vectors have the index 0",
                "{\"index\":0,\"embedding\":[1,2]},{\"index\":2,\"embedding\":[1,2]} | no vector has the index 1",
                "{\"index\":1,\"embedding\":[1,2]},{\"embedding\":[1,2]} | two vectors have the index 1",
                "{\"index\":0,\"embedding\":[1,2]},{\"index\":\"b\",\"embedding\":[1,2]} | vector 1 has no index of its own",
                "{\"index\":0,\"embedding\":[1,2]},{\"index\":1} | vector 1 is not there",
                "'' | it holds 0 vectors for 2 texts",
                "{\"index\":0,\"embedding\":[1,2,3]},{\"index\":1,\"embedding\":[1,2]} | vector 0 has 3 dimensions, not 2",
                "{\"index\":0,\"embedding\":[1,null]},{\"index\":1,\"embedding\":[1,2]} | vector 0 holds something that is no number",
                "{\"index\":0,\"embedding\":[1,1e99]},{\"index\":1,\"embedding\":[1,2]} | vector 0 holds a value that is not finite",
                "{\"index\":0,\"embedding\":\"AACAPwAAwH8=\"},{\"index\":1,\"embedding\":[1,2]} | vector 0 holds a value that is not finite",
                "{\"index\":0,\"embedding\":\"AACAPw==\"},{\"index\":1,\"embedding\":[1,2]} | vector 0 has 1 dimensions, not 2",
                "{\"index\":0,\"embedding\":\"**\"},{\"index\":1,\"embedding\":[1,2]} | vector 0 is no base64",
                "{\"index\":0,\"embedding\":null},{\"index\":1,\"embedding\":[1,2]} | vector 0 is neither base64 nor an array",
                "7 | vector 0 is no object"
            })
    void saysWhatIsWrongWithAReplyThatWasBilledAllTheSame(String data, String why) throws IOException {
        List<ResultLine> read = read("""
                {"custom_id":"b-0","response":{"status_code":200,"body":{"data":[%s],"usage":{"total_tokens":9}}},"error":null}
                """.formatted(data));

        assertThat(read).singleElement().isInstanceOfSatisfying(ResultLine.Unusable.class, unusable -> {
            assertThat(unusable.customId()).isEqualTo("b-0");
            assertThat(unusable.tokens()).isEqualTo(9);
            assertThat(unusable.why()).isEqualTo(why);
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"embedding\":[1,2]},{\"embedding\":[3,4]}",
                "{\"embedding\":[1,2]},{\"index\":1,\"embedding\":[3,4]}",
                "{\"index\":null,\"embedding\":[1,2]},{\"index\":1,\"embedding\":[3,4]}"
            })
    void anIndexThatIsNotToldIsThePositionOfTheVector(String data) throws IOException {
        List<ResultLine> read = read("""
                {"custom_id":"b-0","response":{"status_code":200,"body":{"data":[%s],"usage":{"total_tokens":9}}},"error":null}
                """.formatted(data));

        assertThat(read)
                .singleElement()
                .isInstanceOfSatisfying(
                        ResultLine.Embedded.class,
                        line -> assertThat(line.vectors()).isDeepEqualTo(new float[][] {{1, 2}, {3, 4}}));
    }

    @Test
    void tellsRefusalsFromWhatNeverRan() throws IOException {
        // when
        List<ResultLine> read = read("""
                {"custom_id":"b-0","response":{"status_code":400,"request_id":"r","body":{"error":{"message":"too long","type":"invalid_request_error","param":"input","code":null}}},"error":null}
                {"custom_id":"b-1","response":{"status_code":500,"body":null},"error":null}
                {"custom_id":"b-2","response":null,"error":{"code":"batch_expired","message":"This request could not be executed before the completion window expired."}}
                {"custom_id":"b-3","response":null,"error":null}
                """);

        // then
        assertThat(read)
                .containsExactly(
                        new ResultLine.Refused("b-0", 400, null, "too long"),
                        new ResultLine.Refused("b-1", 500, null, null),
                        new ResultLine.NotRun(
                                "b-2",
                                "batch_expired",
                                "This request could not be executed before the completion window expired."),
                        new ResultLine.NotRun("b-3", null, null));
    }

    @Test
    void looksAtNoVectorsOfALineThatNothingWaitsFor() throws IOException {
        ResultReader reader =
                new ResultReader(stream(embedded("b-0", "\"no vector at all\"", "7")), DIMENSIONS, _ -> 0);

        assertThat(reader.next()).isEqualTo(new ResultLine.PassedOver("b-0", 2));
        assertThat(reader.next()).isNull();
    }

    @Test
    void tellsAStreamThatFailsFromALineThatDoes() {
        InputStream broken = new InputStream() {
            private final InputStream start = stream("{\"custom_id\":\"b");

            @Override
            public int read() throws IOException {
                int b = start.read();
                if (b < 0) {
                    throw new IOException("the connection is gone");
                }
                return b;
            }
        };

        assertThatThrownBy(() -> new ResultReader(broken, DIMENSIONS, _ -> 2).next())
                .isInstanceOf(IOException.class)
                .hasMessage("the connection is gone");
    }

    private static List<ResultLine> read(String file) throws IOException {
        ResultReader reader = new ResultReader(stream(file), DIMENSIONS, _ -> 2);
        List<ResultLine> lines = new ArrayList<>();
        for (ResultLine line = reader.next(); line != null; line = reader.next()) {
            lines.add(line);
        }
        return lines;
    }

    private static InputStream stream(String file) {
        return new ByteArrayInputStream(file.getBytes(StandardCharsets.UTF_8));
    }

    private static String embedded(String customId, String first, String second) {
        return ("{\"custom_id\":\"%s\",\"response\":{\"status_code\":200,\"body\":{\"data\":[{\"index\":0,\"embedding\":%s},"
                        + "{\"index\":1,\"embedding\":%s}],\"usage\":{\"total_tokens\":2}}},\"error\":null}")
                .formatted(customId, first, second);
    }

    private static String notRun(String customId) {
        return "{\"custom_id\":\"%s\",\"response\":null,\"error\":{\"code\":\"batch_expired\"}}".formatted(customId);
    }

    private static String base64(float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            bytes.putFloat(value);
        }
        return '"' + Base64.getEncoder().encodeToString(bytes.array()) + '"';
    }
}
