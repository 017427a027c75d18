package io.embeddingoperator.bench.scale;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.Progress;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SimulatedRunTest {
    private static final Instant NOON = Instant.parse("2026-11-26T12:00:00Z");

    private final SimulatedRun run = new SimulatedRun("team/wiki", 1, 2);

    @Test
    void everyShardCommitsAWindowNowAndThen() {
        run.start(0, NOON);
        run.start(1, NOON.plusSeconds(1));

        Progress progress = run.progress(1, NOON.plusSeconds(6));

        assertThat(progress.committed().documents().embedded()).isEqualTo(2 * SimulatedRun.WINDOW);
        assertThat(progress.whole().counts().embedded()).isEqualTo(5 * SimulatedRun.WINDOW);
        assertThat(run.commits(NOON.plusSeconds(6)))
                .containsExactly(
                        NOON.plusSeconds(2),
                        NOON.plusSeconds(3),
                        NOON.plusSeconds(4),
                        NOON.plusSeconds(5),
                        NOON.plusSeconds(6));
    }

    @Test
    void aShardThatHasEndedIsThrough() {
        run.start(0, NOON);
        run.start(1, NOON);
        run.end(1);

        Progress progress = run.progress(1, NOON.plusSeconds(2));

        assertThat(progress.phase()).isEqualTo(Progress.Phase.Complete);
        assertThat(progress.committed().documents().embedded()).isEqualTo(SimulatedRun.DOCUMENTS);
        assertThat(progress.whole().completeShards()).isEqualTo(1);
        assertThat(progress.whole().counts().embedded()).isEqualTo(SimulatedRun.DOCUMENTS + SimulatedRun.WINDOW);
    }
}
