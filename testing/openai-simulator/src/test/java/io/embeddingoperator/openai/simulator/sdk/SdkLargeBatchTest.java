package io.embeddingoperator.openai.simulator.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import com.openai.core.http.HttpResponse;
import com.openai.models.batches.Batch;
import io.embeddingoperator.openai.simulator.BatchTiming;
import io.embeddingoperator.openai.simulator.OpenAiSimulator;
import io.embeddingoperator.openai.simulator.SimulatorClock;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import io.embeddingoperator.openai.simulator.testing.TestingBatches;
import io.embeddingoperator.openai.simulator.testing.TestingOpenAi;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SdkLargeBatchTest {
    private static final int MOST = 50_000;

    private OpenAiSimulator simulator;
    private OpenAIClient client;
    private TestingBatches batches;

    @BeforeEach
    void start() {
        simulator = OpenAiSimulator.start(SimulatorSettings.defaults()
                .withTiming(BatchTiming.of(Duration.ofMinutes(1)))
                .withClock(SimulatorClock.standing(Instant.parse("2026-11-26T06:00:00Z"))));
        client = TestingOpenAi.client(simulator);
        batches = new TestingBatches(client);
    }

    @AfterEach
    void close() {
        client.close();
        simulator.close();
    }

    @Test
    void asManyLinesAsABatchMayHaveAreEmbeddedOnceEach() throws IOException {
        // given
        Batch created = batches.create(TestingBatches.lines(MOST));
        simulator.clock().advance(Duration.ofMinutes(3));
        Batch ended = batches.find(created);
        String output = ended.outputFileId().orElseThrow();

        // when
        long lines = 0;
        long bytes = 0;
        try (HttpResponse response = client.files().content(output);
                BufferedReader reader =
                        new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.US_ASCII))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                lines++;
                bytes += line.length() + 1;
            }
        }

        // then
        assertThat(ended.requestCounts().orElseThrow().completed()).isEqualTo(MOST);
        assertThat(lines).isEqualTo(MOST);
        assertThat(bytes).isEqualTo(client.files().retrieve(output).bytes());
        assertThat(simulator.ledger().texts()).isEqualTo(MOST);
        assertThat(simulator.ledger().textsBilledTwice()).isZero();
        assertThat(simulator.violations()).isEmpty();
    }

    @Test
    void oneInputMoreIsRefused() {
        Batch created = batches.create(TestingBatches.lines(MOST + 1));
        simulator.clock().advance(Duration.ofMinutes(1));

        assertThat(batches.find(created).status()).isEqualTo(Batch.Status.FAILED);
        assertThat(simulator.violations()).isNotEmpty();
    }
}
