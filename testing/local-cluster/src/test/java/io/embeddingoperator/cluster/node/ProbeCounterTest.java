package io.embeddingoperator.cluster.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProbeCounterTest {
    @Test
    void onlyEqualAnswersInARowCount() {
        // given
        var counter = new ProbeCounter(1, 3);

        // when
        counter.count(false);
        counter.count(false);
        counter.count(true);
        counter.count(false);
        counter.count(false);

        // then
        assertThat(counter.failed()).isFalse();
        counter.count(false);
        assertThat(counter.failed()).isTrue();
    }
}
