package io.embeddingoperator.operator.reconcile;

import static io.embeddingoperator.operator.testing.Eventually.eventually;
import static io.embeddingoperator.operator.testing.MockApiServer.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.OperatorClient;
import io.embeddingoperator.operator.desired.RunLabels;
import io.embeddingoperator.operator.desired.RunnerJob;
import io.embeddingoperator.operator.testing.MockApiServer;
import io.embeddingoperator.operator.testing.TestingImages;
import io.embeddingoperator.operator.testing.TestingManifest;
import io.embeddingoperator.operator.testing.TestingOperator;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.mockwebserver.dsl.HttpMethod;
import io.fabric8.mockwebserver.http.MockResponse;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole operator before an API server that fails. */
class ApiServerFaultsTest {
    private static final String NAMESPACE = "search";
    private static final String STATUS = "/embeddingjobs/wiki/status";
    private static final String JOBS = "/namespaces/search/jobs";
    private static final String CREATED = "POST /apis/batch/v1/namespaces/search/jobs";

    private final MockApiServer server = MockApiServer.start();
    private final KubernetesClient client = OperatorClient.create(server.config());
    private TestingOperator operator;

    @BeforeEach
    void startOperator() {
        operator = TestingOperator.start(server.config(), TestingOperator.environment(NAMESPACE));
    }

    @AfterEach
    void stop() {
        operator.close();
        client.close();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {409, 500})
    void aRunBeginsOnceItsNumberStandsInTheStatus(int code) {
        // given an API server that takes no status
        try (MockApiServer.Failure noStatus =
                server.failing(HttpMethod.PATCH, STATUS, () -> refusal(code, "Refused", "not this one"))) {
            create(1);
            eventually(() -> assertThat(noStatus.hits()).isGreaterThan(2));
            assertThat(server.changes()).doesNotContain(CREATED);
        }

        // then
        eventually(() -> assertThat(jobs()).containsExactly("wiki-1"));
        assertThat(manifest().getStatus().run()).isEqualTo(1);
        assertThat(manifest().getStatus().runNonce()).isEqualTo(1);
    }

    @Test
    void aRunIsNotStoppedBeforeTheNumberOfTheNextStandsInTheStatus() {
        create(20261130);
        eventually(() -> assertThat(jobs()).containsExactly("wiki-1"));

        // when another run is asked for twice while no status is taken
        try (MockApiServer.Failure noStatus =
                server.failing(HttpMethod.PATCH, STATUS, () -> refusal(409, "Conflict", "not this one"))) {
            nonce(2);
            eventually(() -> assertThat(noStatus.hits()).isPositive());
            nonce(1);
            int before = noStatus.hits();
            eventually(() -> assertThat(noStatus.hits()).isGreaterThan(before));
            assertThat(jobs()).containsExactly("wiki-1");
        }

        // then there is one next run, of a nonce that is smaller than all before
        eventually(() -> assertThat(jobs()).containsExactly("wiki-2"));
        eventually(() -> assertThat(manifest().getStatus().runNonce()).isEqualTo(1));
        assertThat(manifest().getStatus().run()).isEqualTo(2);
    }

    @Test
    void aStatusThatIsLostIsMadeUpForByTheJobs() {
        create(7);
        eventually(() -> assertThat(jobs()).containsExactly("wiki-1"));
        nonce(3);
        eventually(() -> assertThat(jobs()).containsExactly("wiki-2"));

        // when the operator starts again, and the status is gone
        operator.close();
        client.resource(manifest())
                .subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "{\"status\": null}");
        assertThat(manifest().getStatus()).isNull();
        startOperator();

        // then
        eventually(() -> assertThat(manifest().getStatus()).isNotNull());
        assertThat(manifest().getStatus().run()).isEqualTo(2);
        assertThat(jobs()).containsExactly("wiki-2");
        nonce(7);
        eventually(() -> assertThat(jobs()).containsExactly("wiki-3"));
    }

    @Test
    void whatIsNotAllowedIsSaidInTheServersWordsAndTriedAgain() {
        try (MockApiServer.Failure quota = server.failing(
                HttpMethod.POST,
                JOBS,
                () -> refusal(403, "Forbidden", "exceeded quota: batch, used: count/jobs.batch=5"))) {
            create(1);
            eventually(() -> assertThat(ready()).startsWith("Blocked: Kubernetes does not allow the Job wiki-1"));
            assertThat(ready()).contains("exceeded quota: batch, used: count/jobs.batch=5");
            assertThat(quota.hits()).isPositive();
        }
        nonce(2);
        eventually(() -> assertThat(jobs()).containsExactly("wiki-2"));
    }

    @Test
    void aServerThatAsksForPatienceIsGivenItAndNothingIsSaid() {
        try (MockApiServer.Failure busy = server.failing(
                HttpMethod.POST,
                JOBS,
                () -> refusal(429, "TooManyRequests", "too many requests").setHeader("Retry-After", "1"))) {
            create(1);
            eventually(() -> assertThat(busy.hits()).isEqualTo(1));
        }

        eventually(() -> assertThat(jobs()).containsExactly("wiki-1"));
        assertThat(ready()).startsWith("Pending");
    }

    @Test
    void aJobOfItsOwnThatNoInformerShowsIsTakenOver() {
        // given a Job whose labels another client removed
        create(1, true);
        eventually(() -> assertThat(ready()).startsWith("Suspended"));
        client.resource(new JobBuilder(RunnerJob.desired(manifest(), TestingImages.IMAGES))
                        .editMetadata()
                        .withLabels(Map.of())
                        .endMetadata()
                        .build())
                .create();
        assertThat(jobs()).isEmpty();

        // when
        edit("{\"spec\": {\"suspend\": false}}");

        // then
        eventually(() -> assertThat(jobs()).containsExactly("wiki-1"));
    }

    @Test
    void aWatchThatIsTooOldIsBegunAnew() {
        create(1);
        eventually(() -> assertThat(jobs()).containsExactly("wiki-1"));

        // when the server has forgotten what the operator has seen last
        try (MockApiServer.Failure gone = server.failing(
                HttpMethod.GET,
                "embeddingjobs.*watch=true",
                () -> refusal(410, "Expired", "too old resource version: 1 (2)"))) {
            eventually(() -> assertThat(gone.hits()).isPositive());
            nonce(2);
        }

        // then what was changed meanwhile is seen
        eventually(() -> assertThat(jobs()).containsExactly("wiki-2"));
        assertThat(operator.fatalErrors()).isEmpty();
    }

    @Test
    void aWatchThatIsCutOffIsBegunAgain() {
        create(1);
        eventually(() -> assertThat(jobs()).containsExactly("wiki-1"));

        try (MockApiServer.Failure down =
                server.failing(HttpMethod.GET, "watch=true", () -> new MockResponse().setResponseCode(503))) {
            eventually(() -> assertThat(down.hits()).isGreaterThan(2));
            nonce(2);
        }

        eventually(() -> assertThat(jobs()).containsExactly("wiki-2"));
        assertThat(operator.fatalErrors()).isEmpty();
    }

    private void create(int nonce) {
        create(nonce, false);
    }

    private void create(int nonce, boolean suspended) {
        client.resource(TestingManifest.wiki("""
                        metadata: {uid: null, generation: null}
                        spec: {runNonce: %d, suspend: %s}
                        """.formatted(nonce, suspended))).create();
    }

    private void nonce(int value) {
        edit("{\"spec\": {\"runNonce\": %d}}".formatted(value));
    }

    private void edit(String merge) {
        client.resource(manifest()).patch(PatchContext.of(PatchType.JSON_MERGE), merge);
    }

    private EmbeddingJob manifest() {
        return client.resources(EmbeddingJob.class)
                .inNamespace(NAMESPACE)
                .withName("wiki")
                .get();
    }

    private String ready() {
        return Optional.ofNullable(manifest().getStatus()).stream()
                .flatMap(status -> status.conditions().stream())
                .filter(condition -> condition.getType().equals("Ready"))
                .map(condition -> condition.getReason() + ": " + condition.getMessage())
                .findFirst()
                .orElse("");
    }

    private List<String> jobs() {
        return client
                .resources(Job.class)
                .inNamespace(NAMESPACE)
                .withLabel(RunLabels.JOB, "wiki")
                .list()
                .getItems()
                .stream()
                .map(job -> job.getMetadata().getName())
                .toList();
    }
}
