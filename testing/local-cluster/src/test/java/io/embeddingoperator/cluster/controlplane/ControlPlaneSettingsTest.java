package io.embeddingoperator.cluster.controlplane;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ControlPlaneSettingsTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void refusesAGracePeriodThatEndsBeforeTheNextLook() {
        assertThatThrownBy(() -> new ControlPlaneSettings(SECOND, SECOND, SECOND, 1))
                .hasMessage("nodeMonitorGracePeriod is PT1S: use more than nodeMonitorPeriod (PT1S)");
    }

    @Test
    void refusesAPeriodOfZero() {
        assertThatThrownBy(() -> new ControlPlaneSettings(Duration.ZERO, SECOND, SECOND, 1))
                .hasMessage("nodeMonitorPeriod is PT0S: use a positive time");
    }

    @Test
    void refusesHalfASecondOfEvictionDelay() {
        assertThatThrownBy(() -> new ControlPlaneSettings(SECOND, SECOND.multipliedBy(2), Duration.ofMillis(500), 1))
                .hasMessage("evictionDelay is PT0.5S: use whole seconds, zero or more");
    }

    @Test
    void refusesNoRequests() {
        assertThatThrownBy(() -> new ControlPlaneSettings(SECOND, SECOND.multipliedBy(2), SECOND, 0))
                .hasMessage("requestsPerSecond is 0: use one or more");
    }
}
