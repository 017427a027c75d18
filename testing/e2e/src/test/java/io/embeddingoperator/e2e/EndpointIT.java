package io.embeddingoperator.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.embeddingoperator.e2e.testing.TestingCluster;
import io.embeddingoperator.e2e.testing.TestingJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** All that a search needs, on a real node: a job fills a table, and an endpoint of it makes vectors of the same space. */
class EndpointIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private final TestingCluster cluster = TestingCluster.shared();

    @Test
    void anEndpointAskedThroughItsServiceGivesTheVectorsOfItsJobsTable() throws IOException {
        // given a table, and an endpoint of the job that filled it
        TestingJob job = TestingJob.prepare(cluster, 200).apply().awaitComplete();
        cluster.client().resource("""
                        apiVersion: embedding-operator.io/v1alpha1
                        kind: EmbeddingEndpoint
                        metadata: {name: queries, namespace: %s}
                        spec:
                          embedder: {fromJob: %s}
                          template:
                            resources: {requests: {cpu: 100m, memory: 256Mi}}
                        """.formatted(job.namespace(), job.name())).create();
        job.await("a pod that answers", _ -> word(job).contains("Serving"));

        // when it is asked for the vector of what a document says
        String first = " FROM public.vectors ORDER BY id, chunk LIMIT 1";
        JsonNode vector = embed(job, job.database().text("SELECT content" + first));

        // then the vector is that of the table
        assertThat(job.database().text("SELECT embedding::text" + first))
                .isEqualTo(job.database().text("SELECT '%s'::vector::text".formatted(vector)));
        assertThat(ask(job, ".status.model.name")).isEqualTo(job.name());
        assertThat(ask(job, ".status.model.dimensions")).isEqualTo("384");
    }

    private JsonNode embed(TestingJob job, String text) throws IOException {
        Path request = folder.resolve("request.json");
        Files.writeString(
                request, JSON.writeValueAsString(Map.of("model", job.name(), "input", text, "input_type", "document")));
        String answer = cluster.kubectl()
                .run(
                        "create",
                        "--raw",
                        "/api/v1/namespaces/%s/services/queries:http/proxy/v1/embeddings".formatted(job.namespace()),
                        "-f",
                        request.toString());
        return JSON.readTree(answer).at("/data/0/embedding");
    }

    private String word(TestingJob job) {
        return ask(job, ".status.conditions[?(@.type=='Ready')].reason");
    }

    private String ask(TestingJob job, String path) {
        return cluster.kubectl()
                .run("get", "ee", "queries", "-o", "jsonpath={%s}".formatted(path), "-n", job.namespace());
    }
}
