package io.embeddingoperator.runner.embed.openai.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class HttpPatienceTest {
    @Test
    void whatWaitsForARequestWaitsForALongerOneToo() {
        HttpPatience patience = HttpPatience.USUAL.within(Duration.ofMinutes(30));

        assertThat(patience.whole()).isEqualTo(Duration.ofMinutes(30));
        assertThat(patience.idle()).as("a reply may be computed for so long").isEqualTo(Duration.ofMinutes(30));
        assertThat(patience.turn()).isGreaterThan(Duration.ofMinutes(30));
        assertThat(patience.connect()).isEqualTo(HttpPatience.USUAL.connect());
        assertThat(patience.upload()).isEqualTo(HttpPatience.USUAL.upload());
    }

    @Test
    void aShorterRequestCutsNoDownloadAndNoUpload() {
        HttpPatience patience = HttpPatience.USUAL.within(Duration.ofSeconds(5));

        assertThat(patience.whole()).isEqualTo(Duration.ofSeconds(5));
        assertThat(patience.idle()).isEqualTo(HttpPatience.USUAL.idle());
        assertThat(patience.upload()).isEqualTo(HttpPatience.USUAL.upload());
    }
}
