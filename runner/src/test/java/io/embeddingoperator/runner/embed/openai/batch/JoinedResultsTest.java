package io.embeddingoperator.runner.embed.openai.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.runner.embed.openai.reply.ReplyFlaw;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JoinedResultsTest {
    private static final int DIMENSIONS = 2;

    @Test
    void joinsTheVectorsOfADocumentInTheOrderOfItsTexts() throws IOException {
        // when
        List<ResultLine> read = read(
                vector("b-00000-0001", "3,4", 2), vector("b-00000-0000", "1,2", 3), vector("b-00001-0000", "5,6", 4));

        // then
        assertThat(read).hasSize(2);
        assertThat(read.getFirst()).isInstanceOfSatisfying(ResultLine.Embedded.class, document -> {
            assertThat(document.customId()).isEqualTo("b-00000");
            assertThat(document.vectors()).isDeepEqualTo(new float[][] {{1, 2}, {3, 4}});
            assertThat(document.tokens()).isEqualTo(5);
        });
        assertThat(read.getLast()).isInstanceOfSatisfying(ResultLine.Embedded.class, document -> {
            assertThat(document.customId()).isEqualTo("b-00001");
            assertThat(document.vectors()).isDeepEqualTo(new float[][] {{5, 6}});
        });
    }

    @Test
    void readsTheFieldsOfALineInAnyOrderAndTheBillInBothOfItsForms() throws IOException {
        List<ResultLine> read =
                read("{\"response\":{\"usageMetadata\":{\"promptTokenCount\":7},\"embedding\":{\"values\":[1,2]}},"
                        + "\"key\":\"b-00001-0000\"}");

        assertThat(read).singleElement().isInstanceOfSatisfying(ResultLine.Embedded.class, document -> {
            assertThat(document.vectors()).isDeepEqualTo(new float[][] {{1, 2}});
            assertThat(document.tokens()).isEqualTo(7);
        });
    }

    @Test
    void aTextThatIsRefusedRefusesItsDocumentAndWhatTheOthersCostIsTold() throws IOException {
        // when
        List<ResultLine> read =
                read(vector("b-00000-0000", "1,2", 3), error("b-00000-0001", 13), error("b-00000-0001", 3));

        // then
        assertThat(read)
                .containsExactly(
                        new ResultLine.PassedOver("b-00000", 3),
                        new ResultLine.Refused("b-00000", 400, "3", "the words of the provider"));
    }

    @ParameterizedTest
    @CsvSource({"3, 400", "400, 400", "8, 429", "13, 500", "14, 503", "503, 503", "77, 500"})
    void knowsTheCodesOfGoogle(int code, int status) throws IOException {
        assertThat(read(error("b-00001-0000", code)))
                .containsExactly(
                        new ResultLine.Refused("b-00001", status, Integer.toString(code), "the words of the provider"));
    }

    @Test
    void whatWasCancelledWasNotWorkedOn() throws IOException {
        assertThat(read(error("b-00001-0000", 1)))
                .containsExactly(new ResultLine.NotRun("b-00001", "1", "the words of the provider"));
    }

    @Test
    void linesThatDoNotStandTogetherCannotBeUsed() throws IOException {
        // when
        List<ResultLine> read = read(
                vector("b-00000-0000", "1,2", 3), vector("b-00001-0000", "5,6", 4), vector("b-00000-0001", "3,4", 2));

        // then: the last line may go on behind the end of a file that is cut
        assertThat(read)
                .extracting(ResultLine::getClass)
                .containsExactly(
                        ResultLine.PassedOver.class,
                        ResultLine.Unusable.class,
                        ResultLine.Embedded.class,
                        ResultLine.PassedOver.class);
        assertThat(((ResultLine.Unusable) read.get(1)).why()).isEqualTo("vectors of 1 of its 2 texts stand together");
    }

    @Test
    void aFileThatEndsInTheMiddleOfADocumentSaysNothingAgainstIt() throws IOException {
        assertThat(read(vector("b-00000-0000", "1,2", 3))).containsExactly(new ResultLine.PassedOver("b-00000", 3));
    }

    @Test
    void aLineThatComesTwiceIsBilledOnce() throws IOException {
        List<ResultLine> read = read(vector("b-00001-0000", "1,2", 3), vector("b-00001-0000", "1,2", 3));

        assertThat(read)
                .singleElement()
                .isInstanceOfSatisfying(
                        ResultLine.Embedded.class,
                        document -> assertThat(document.tokens()).isEqualTo(3));
    }

    @Test
    void aVectorOfAnotherLengthIsToldAsThat() throws IOException {
        List<ResultLine> read = read(vector("b-00001-0000", "1,2,3", 3));

        assertThat(read.getLast())
                .isInstanceOfSatisfying(
                        ResultLine.Unusable.class,
                        line -> assertThat(line.flaw()).isInstanceOf(ReplyFlaw.OtherDimensions.class));
    }

    @Test
    void whatIsNoLineOfTheBatchIsToldAsItIs() throws IOException {
        List<ResultLine> read = read("no JSON", "{}", vector("foreign", "1,2", 3), vector("b-00002-0000", "1,2", 4));

        assertThat(read)
                .extracting(ResultLine::getClass)
                .containsExactly(
                        ResultLine.Garbage.class,
                        ResultLine.Garbage.class,
                        ResultLine.PassedOver.class,
                        ResultLine.PassedOver.class);
        assertThat(read.getLast()).isEqualTo(new ResultLine.PassedOver("b-00002", 4));
    }

    /** The first document has two texts, the second one, and nothing waits for the third. */
    private static int expected(String document) {
        return switch (document) {
            case "b-00000" -> 2;
            case "b-00001" -> 1;
            default -> 0;
        };
    }

    private static String vector(String key, String values, int tokens) {
        return "{\"key\":\"%s\",\"response\":{\"embedding\":{\"values\":[%s]},\"tokenCount\":\"%d\"}}"
                .formatted(key, values, tokens);
    }

    private static String error(String key, int code) {
        return "{\"key\":\"%s\",\"error\":{\"code\":%d,\"message\":\"the words of the provider\"}}"
                .formatted(key, code);
    }

    private static List<ResultLine> read(String... lines) throws IOException {
        byte[] file = String.join("\n", lines).getBytes(StandardCharsets.UTF_8);
        BatchResults results =
                new JoinedResults(new ByteArrayInputStream(file), DIMENSIONS, JoinedResultsTest::expected);
        List<ResultLine> read = new ArrayList<>();
        for (ResultLine line = results.next(); line != null; line = results.next()) {
            read.add(line);
        }
        assertThat(results.bytes()).isEqualTo(file.length);
        return read;
    }
}
