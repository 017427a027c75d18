package io.embeddingoperator.runner.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.runner.embed.BatchLimits;
import io.embeddingoperator.runner.embed.InputType;
import io.embeddingoperator.runner.embed.TokenizedText;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FairQueueTest {
    private static final int MAX_BATCH_TOKENS = 256;

    private final Pace pace = new Pace(1);
    private final FairQueue queue = new FairQueue(new BatchLimits(MAX_BATCH_TOKENS, 64), Duration.ofMillis(200), pace);

    @Test
    void aSearchTextDoesNotWaitForTheDocumentsOfAnotherRequest() throws Exception {
        // given: a thousand documents, of which the first ones are embedded
        queue.add(request(InputType.DOCUMENT, repeated(1_000, 200)));
        queue.take();

        // when
        WaitingRequest search = request(InputType.QUERY, 10);
        queue.add(search);

        // then
        assertThat(queue.take()).extracting(WaitingText::request).containsExactly(search);
    }

    @Test
    void documentsGetTheirShareWhileSearchTextsKeepComing() throws Exception {
        // given
        int documentTokens = 200;
        int searches = 10;
        int searchTokens = 10;
        WaitingRequest documents = request(InputType.DOCUMENT, repeated(3, documentTokens));
        queue.add(documents);

        // when: ten search texts arrive before each call
        int documentsTaken = 0;
        int tokensOfSearches = 0;
        while (documentsTaken < documents.texts().size()) {
            for (int i = 0; i < searches; i++) {
                queue.add(request(InputType.QUERY, searchTokens));
            }
            for (WaitingText text : queue.take()) {
                if (text.request() == documents) {
                    documentsTaken++;
                } else {
                    tokensOfSearches += text.tokens();
                }
            }

            // then: of eleven clients the one with documents gets an eleventh, give or take a round
            assertThat(tokensOfSearches)
                    .as("tokens of searches before document %d", documentsTaken)
                    .isLessThanOrEqualTo(
                            (documentsTaken + 1) * searches * documentTokens + 2 * searches * searchTokens);
        }
    }

    @Test
    void textsOfAboutOneLengthShareACallWhicheverRequestTheyComeFrom() throws Exception {
        // given
        queue.add(request(InputType.QUERY, 10));
        queue.add(request(InputType.QUERY, 11));
        queue.add(request(InputType.QUERY, 100));
        queue.add(request(InputType.QUERY, 9));

        // when
        List<WaitingText> first = queue.take();
        List<WaitingText> second = queue.take();

        // then
        assertThat(first).extracting(WaitingText::tokens).containsExactlyInAnyOrder(9, 10, 11);
        assertThat(second).extracting(WaitingText::tokens).containsExactly(100);
    }

    @Test
    void searchTextsAndDocumentsNeverShareACall() throws Exception {
        // given
        queue.add(request(InputType.QUERY, 10));
        queue.add(request(InputType.DOCUMENT, 10));

        // then
        assertThat(queue.take()).hasSize(1);
        assertThat(queue.take()).hasSize(1);
    }

    @Test
    void aCallTakesNoMoreThanTheModelDoes() throws Exception {
        // given
        queue.add(request(InputType.DOCUMENT, repeated(10, 100)));

        // then
        assertThat(queue.take()).hasSize(MAX_BATCH_TOKENS / 100);
    }

    @Test
    void aRequestThatWouldWaitTooLongIsRefusedAtOnce() throws Exception {
        // given: a token takes a millisecond, and 200 ms may be waited
        pace.measured(1, Duration.ofMillis(1).toNanos());
        for (int i = 0; i < 5; i++) {
            queue.add(request(InputType.QUERY, 50));
        }

        // when, then
        assertThatThrownBy(() -> queue.add(request(InputType.QUERY, 50)))
                .isInstanceOf(RefusedRequestException.class)
                .hasMessageContaining("200 ms")
                .satisfies(refused ->
                        assertThat(((RefusedRequestException) refused).status()).isEqualTo(429));
        assertThat(queue.size()).isEqualTo(5);
    }

    @Test
    void aLongRequestIsNoReasonToRefuseAShortOne() throws Exception {
        // given
        pace.measured(1, Duration.ofMillis(1).toNanos());
        queue.add(request(InputType.DOCUMENT, repeated(1_000, 200)));

        // when
        queue.add(request(InputType.QUERY, 10));

        // then
        assertThat(queue.size()).isEqualTo(1_001);
    }

    @Test
    void whatAClientThatWentAwayAskedForIsNotEmbedded() throws Exception {
        // given
        WaitingRequest gone = request(InputType.QUERY, 10, 10);
        WaitingRequest waiting = request(InputType.QUERY, 10);
        queue.add(gone);
        queue.add(waiting);

        // when
        queue.drop(gone);

        // then
        assertThat(queue.take()).extracting(WaitingText::request).containsExactly(waiting);
        assertThat(queue.size()).isZero();
    }

    @Test
    void afterItWasClosedItGivesWhatWaitsAndTakesNothing() throws Exception {
        // given
        queue.add(request(InputType.QUERY, 10));

        // when
        queue.close();

        // then
        assertThat(queue.take()).hasSize(1);
        assertThat(queue.take()).isEmpty();
        assertThatThrownBy(() -> queue.add(request(InputType.QUERY, 10)))
                .isInstanceOf(RefusedRequestException.class)
                .satisfies(refused ->
                        assertThat(((RefusedRequestException) refused).status()).isEqualTo(503));
    }

    private static int[] repeated(int texts, int tokens) {
        return IntStream.generate(() -> tokens).limit(texts).toArray();
    }

    private static WaitingRequest request(InputType type, int... tokens) {
        return new WaitingRequest(
                IntStream.of(tokens)
                        .mapToObj(each -> new TokenizedText("text", new int[each], false))
                        .toList(),
                type);
    }
}
