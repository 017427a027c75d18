package io.embeddingoperator.runner.embed.openai;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.runner.embed.openai.ProviderRequests.Patience;
import io.embeddingoperator.runner.embed.openai.server.ServerPreset;
import io.embeddingoperator.runner.embed.openai.server.VectorForm;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PatienceTest {
    @ParameterizedTest
    @ValueSource(ints = {5, 30, 120, 300, 1_800})
    void aSlowServerIsAskedForFewerTextsDownToOneBeforeItIsGivenUp(int seconds) {
        Duration timeOut = Duration.ofSeconds(seconds);
        Patience patience = Patience.USUAL.within(timeOut);
        RequestSize size = new RequestSize(
                new ServerPreset(2_048, 300_000, 16 << 20, 16, VectorForm.BASE64, true), patience.slow());

        int timeOuts = 1;
        while (size.texts() > 1) {
            RequestSize.Load load = new RequestSize.Load(size.texts(), 8L * size.texts(), 64 * size.texts());
            assertThat(size.unanswered(load, timeOut))
                    .as("%s is a lesson", load)
                    .isTrue();
            timeOuts++;
        }

        assertThat(patience.outage()).isGreaterThanOrEqualTo(timeOut.multipliedBy(timeOuts));
        assertThat(patience.outage()).isGreaterThanOrEqualTo(Patience.USUAL.outage());
    }
}
