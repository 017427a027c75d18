package io.embeddingoperator.openai.simulator.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.openai.simulator.OpenAiSimulator;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import io.embeddingoperator.openai.simulator.testing.TestingHttp;
import java.net.URI;
import java.net.http.HttpClient.Version;
import org.junit.jupiter.api.Test;

class AddressTest {
    @Test
    void theSimulatorAnswersWhereItWasToldToListen() throws Exception {
        // given
        SimulatorSettings settings = SimulatorSettings.defaults().withAddress("127.0.0.2");

        try (OpenAiSimulator simulator = OpenAiSimulator.start(settings)) {
            // when
            URI page = simulator.root().resolve("/simulator/ledger");

            // then
            assertThat(page.getHost()).isEqualTo("127.0.0.2");
            assertThat(new TestingHttp(Version.HTTP_1_1).get(page).statusCode()).isEqualTo(200);
        }
    }
}
