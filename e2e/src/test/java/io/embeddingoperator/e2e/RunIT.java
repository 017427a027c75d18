package io.embeddingoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.e2e.testing.OperatorRights;
import io.embeddingoperator.e2e.testing.TestingCluster;
import io.embeddingoperator.e2e.testing.TestingJob;
import io.embeddingoperator.openai.simulator.BatchTiming;
import io.embeddingoperator.openai.simulator.OpenAiSimulator;
import io.embeddingoperator.openai.simulator.SimulatorSettings;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every user does: helm install, kubectl apply, wait, and look. */
class RunIT {
    private final TestingCluster cluster = TestingCluster.shared();

    @Test
    void embedsEveryDocumentOnceAndSaysSo() {
        TestingJob job = TestingJob.prepare(cluster, 2_000).apply();

        job.await("two shards at a time", seen -> seen.runningPods().size() == 2);
        job.awaitComplete();

        job.assertEveryDocumentOnce();
        assertThat(job.word()).isEqualTo("Complete");
        assertThat(job.status().documents().embedded()).isEqualTo(2_000);
        assertThat(job.status().documents().total()).isEqualTo(2_000);
        assertThat(job.status().documents().percent()).isEqualTo(100);
        assertThat(job.status().shards().succeeded()).isEqualTo(4);
        assertThat(cluster.kubectl().run("get", "ej", "-n", job.namespace()))
                .contains("STATUS", "Complete", "100", "2000");

        // and both tell what they did, and nobody's password
        assertThat(cluster.kubectl()
                        .run("logs", "-n", job.namespace(), "-l", "embedding-operator.io/job=proof", "--tail=-1"))
                .contains("port 8080 answers /progress")
                .doesNotContain(job.database().uri());
        assertThat(cluster.kubectl()
                        .run("logs", "-n", TestingCluster.OPERATOR_NAMESPACE, "deployment/embedding-operator"))
                .contains("created the Job proof-1")
                .doesNotContain(job.database().uri());
    }

    @Test
    void theOperatorUsesEachRightThatItHas() {
        // given a job with batches at the provider, for which all is done that the operator ever does
        try (OpenAiSimulator openai = OpenAiSimulator.start(SimulatorSettings.defaults()
                .withTiming(new BatchTiming(
                        Duration.ofSeconds(1), Duration.ofHours(5), Duration.ofSeconds(1), Duration.ofSeconds(1))))) {
            TestingJob job = TestingJob.prepare(cluster, 100);
            job.giveOpenAiKey();
            job.apply(manifest -> TestingJob.throughOpenAi(manifest, openai.baseUri(), "Batch"));
            job.await("batches at work", seen -> "BatchesPending".equals(seen.word()));
            job.patch("{\"spec\": {\"suspend\": true}}");
            job.await(
                    "the suspension",
                    seen -> "True".equals(seen.condition("Suspended").getStatus()));

            // when
            job.delete();
            job.await("the end of the job", seen -> seen.current() == null);
        }

        // then the admission plugin that asks for the last one is not on by default
        Set<String> unused = OperatorRights.granted(cluster);
        unused.removeAll(OperatorRights.used(cluster));
        assertThat(unused).containsExactly("update embedding-operator.io/embeddingjobs/finalizers");
    }
}
