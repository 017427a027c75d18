package io.embeddingoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.e2e.testing.Checkout;
import io.embeddingoperator.e2e.testing.Program;
import io.embeddingoperator.e2e.testing.TestingCluster;
import io.embeddingoperator.e2e.testing.TestingJob;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model that an image brings: the node pulls it as every image, and mounts it as an image volume. */
class ModelImageIT {
    private static final String IMAGE = "registry.example/models/minilm";

    @TempDir
    private Path folder;

    private final TestingCluster cluster = TestingCluster.shared();

    @Test
    void isWaitedForAndFoundByItsTagAndByItsDigest() {
        // given a job whose model no registry has
        TestingJob job = TestingJob.prepare(cluster, 200)
                .apply(manifest -> manifest.replace("shards: 4", "shards: 2")
                        .replace("{bundled: all-minilm-l6-v2}", "{image: {reference: \"%s:1\"}}".formatted(IMAGE)));
        job.await("ImagePull", seen -> "ImagePull".equals(seen.word()));
        assertThat(job.sentence()).contains("image %s:1 cannot be pulled".formatted(IMAGE));

        // when it is pushed
        String digest = cluster.push(IMAGE + ":1", archive());

        // then the pods start by themselves
        job.awaitComplete();
        job.assertEveryDocumentOnce();
        assertThat(job.status().documents().embedded()).isEqualTo(200);

        // and when the next run names what the tag led to
        job.patch("""
                {"spec": {"runNonce": 2, "embedder": {"onnx": {"model": {"image": {"reference": "%s@%s"}}}}}}""".formatted(IMAGE, digest));
        job.await("run 2", seen -> seen.status().run() == 2);

        // then it is the same model, and nothing is embedded again
        job.awaitComplete();
        assertThat(job.status().documents().skipped()).isEqualTo(200);
    }

    private Path archive() {
        Path archive = folder.resolve("model.tar");
        new Program(Checkout.file("dev/image-archive"), Map.of())
                .run(
                        Checkout.file("runner/target/embedding-runner/models/all-minilm-l6-v2")
                                .toString(),
                        archive.toString());
        return archive;
    }
}
