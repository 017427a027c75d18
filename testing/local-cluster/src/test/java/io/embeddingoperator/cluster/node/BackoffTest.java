package io.embeddingoperator.cluster.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BackoffTest {
    @Test
    void doublesUpToFiveMinutesAsTheKubeletDoes() {
        var backoff = new Backoff();

        assertThat(Stream.generate(backoff::next).limit(7).map(Backoff::text))
                .containsExactly("10s", "20s", "40s", "1m20s", "2m40s", "5m0s", "5m0s");
    }
}
