package io.embeddingoperator.cluster.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class LogRequestTest {
    @Test
    void asksForEverythingThatIsThereByItself() {
        assertThat(LogRequest.of("runner", null)).isEqualTo(new LogRequest("runner", false, false, -1, Long.MAX_VALUE));
    }

    @Test
    void takesTheOptionsOfKubectl() {
        assertThat(LogRequest.of("runner", "follow=true&limitBytes=100&previous=true&tailLines=5"))
                .isEqualTo(new LogRequest("runner", true, true, 5, 100));
    }

    @Test
    void refusesWhatItCannotKnow() {
        assertThatThrownBy(() -> LogRequest.of("runner", "sinceSeconds=5&timestamps=true"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("leave out [sinceSeconds, timestamps]");
    }
}
