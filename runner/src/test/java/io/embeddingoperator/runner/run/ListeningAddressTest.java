package io.embeddingoperator.runner.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.runner.failure.SpecificationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ListeningAddressTest {
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", " 0.0.0.0\n", "::1"})
    void anIpAddressIsTakenWithoutTheSpaceAroundIt(String value) {
        assertThat(ListeningAddress.parse(value, SpecificationException::new).getAddress())
                .isNotEmpty();
    }

    @Test
    void aNameIsLookedUpNowhere() {
        assertThatThrownBy(() -> ListeningAddress.parse(
                        "localhost",
                        advice -> new SpecificationException("--address is localhost: %s".formatted(advice))))
                .isInstanceOf(SpecificationException.class)
                .hasMessage("--address is localhost: use an IP address of this machine, for example 127.0.0.1");
    }
}
