package io.embeddingoperator.e2e.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.embeddingoperator.api.contract.Progress;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.EmbeddingJobStatus;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * An EmbeddingJob of a test in a namespace of its own, with a database of its own that is source and sink: applied, looked
 * at and changed as its user would.
 */
public final class TestingJob {
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final String NAME = "proof";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static final String MANIFEST = """
            apiVersion: embedding-operator.io/v1alpha1
            kind: EmbeddingJob
            metadata: {name: %s, namespace: %s}
            spec:
              source:
                postgres:
                  connection: {secretKeyRef: {name: database, key: uri}}
                  table: public.documents
                  keyColumn: id
                  textColumns: [body]
              chunking: {strategy: Recursive, maxTokens: 32, overlapTokens: 0}
              embedder:
                onnx:
                  model: {bundled: all-minilm-l6-v2}
                  maxTokens: 32
              sink:
                pgvector:
                  connection: {secretKeyRef: {name: database, key: uri}}
                  table: public.vectors
                  index: {type: None}
              sharding: {shards: 4, parallelism: 2}
              template:
                resources: {requests: {cpu: 100m, memory: 256Mi}}
            """;

    private final TestingCluster cluster;
    private final String namespace;
    private final TestingDatabase database;

    private TestingJob(TestingCluster cluster, String namespace, TestingDatabase database) {
        this.cluster = cluster;
        this.namespace = namespace;
        this.database = database;
    }

    /** A database of so many documents and the Secret that leads to it; nothing is applied yet. */
    public static TestingJob prepare(TestingCluster cluster, int documents) {
        TestingJob job = prepareWithoutSecret(cluster, documents);
        job.giveSecret("uri");
        return job;
    }

    /** The same before the Secret is created. */
    public static TestingJob prepareWithoutSecret(TestingCluster cluster, int documents) {
        return new TestingJob(
                cluster, cluster.newNamespace(), TestingDatabase.create().withDocuments(documents));
    }

    /** Another job in a namespace of its own that has the database of this one, and so the same state. */
    public TestingJob another() {
        TestingJob job = new TestingJob(cluster, cluster.newNamespace(), database);
        job.giveSecret("uri");
        return job;
    }

    /** The manifest of a job as its user would write it. */
    public static String manifest(String name, String namespace) {
        return MANIFEST.formatted(name, namespace);
    }

    /** {@code kubectl apply} of four shards, two at a time. */
    public TestingJob apply() {
        return apply(UnaryOperator.identity());
    }

    /** The same after a change of the manifest's text. */
    public TestingJob apply(UnaryOperator<String> change) {
        cluster.client()
                .resource(cluster.client()
                        .getKubernetesSerialization()
                        .unmarshal(change.apply(manifest(NAME, namespace)), EmbeddingJob.class))
                .serverSideApply();
        return this;
    }

    /**
     * Makes the Secret, or gives it one more key.
     *
     * @param key where the way to the database stands; the manifest asks for {@code uri}
     */
    public void giveSecret(String key) {
        cluster.client()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("database")
                        .withNamespace(namespace)
                        .endMetadata()
                        .addToStringData(key, database.uri())
                        .build())
                .serverSideApply();
    }

    /** Makes the Secret that {@link #throughOpenAi} asks for. */
    public void giveOpenAiKey() {
        cluster.client()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName("openai")
                        .withNamespace(namespace)
                        .endMetadata()
                        .addToStringData("key", "sk-simulator")
                        .build())
                .create();
    }

    /** A manifest's text with OpenAI in place of the model, where a thousand tokens are a dollar. */
    public static String throughOpenAi(String manifest, URI server, String mode) {
        String embedder = """
                  openai:
                    model: text-embedding-3-small
                    dimensions: 256
                    baseUrl: %s
                    apiKey: {secretKeyRef: {name: openai, key: key}}
                    mode: %s
                    price: {realtimeUsdPerMillionTokens: "1000"}
              """.formatted(server, mode);
        String changed = manifest.replaceFirst(" +onnx:\n.*\n.*\n", embedder.indent(0));
        assertThat(changed).contains("openai:").doesNotContain("onnx");
        return changed;
    }

    /** {@code kubectl patch} with a JSON merge patch. */
    public void patch(String merge) {
        Program.Answer answer = askToPatch(merge);
        assertThat(answer.exitCode()).as(answer.text()).isZero();
    }

    /** The same where the API server may refuse. */
    public Program.Answer askToPatch(String merge) {
        return cluster.kubectl().ask("patch", "embeddingjob", NAME, "-n", namespace, "--type=merge", "-p", merge);
    }

    public EmbeddingJob current() {
        return resource().get();
    }

    public EmbeddingJobStatus status() {
        EmbeddingJob job = current();
        return job == null ? null : job.getStatus();
    }

    /** The status column of {@code kubectl get ej}: the reason of the condition Ready. */
    public String word() {
        return condition("Ready").getReason();
    }

    /** The sentence of the condition Ready. */
    public String sentence() {
        return condition("Ready").getMessage();
    }

    /** The condition of that type; an empty one before the first status. */
    public Condition condition(String type) {
        EmbeddingJobStatus status = status();
        if (status == null || status.conditions() == null) {
            return new Condition();
        }
        return status.conditions().stream()
                .filter(condition -> condition.getType().equals(type))
                .findFirst()
                .orElseGet(Condition::new);
    }

    /** Waits until the job is complete; its failure ends the wait. */
    public TestingJob awaitComplete() {
        await("Complete", job -> {
            assertThat(job.condition("Failed").getStatus())
                    .as("the job has failed: %s", job.sentence())
                    .isNotEqualTo("True");
            return "True".equals(job.condition("Complete").getStatus());
        });
        return this;
    }

    /** Waits until something is seen of the job. */
    public TestingJob await(String what, Predicate<TestingJob> seen) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!seen.test(this)) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("%s never came:%n%s%n%s%n%s"
                        .formatted(
                                what,
                                cluster.kubectl()
                                        .ask("get", "ej,jobs,pods", "-n", namespace, "-o", "wide")
                                        .text(),
                                cluster.kubectl()
                                        .ask("describe", "ej", "-n", namespace)
                                        .text(),
                                operatorLog()));
            }
            pause();
        }
        return this;
    }

    /** Every document is in the table exactly once, with all its chunks, and nothing else is. */
    public void assertEveryDocumentOnce() {
        assertEveryDocumentOnce("vectors");
    }

    /** The same of another table than the manifest's. */
    public void assertEveryDocumentOnce(String table) {
        assertThat(database.number("SELECT count(*) FROM documents"))
                .isEqualTo(database.number("SELECT count(DISTINCT id) FROM " + table));
        assertThat(database.number(
                        "SELECT count(*) FROM " + table + " v LEFT JOIN documents d USING (id) WHERE d.id IS NULL"))
                .isZero();
        // The chunks of a document are numbered without a gap, and the last one ends where the text does.
        String wrong = """
                SELECT count(*) FROM (
                    SELECT id, count(*) chunks, max(chunk) + 1 numbered, max(chunk_end) ended FROM %s GROUP BY id) v
                JOIN documents d USING (id)
                WHERE chunks <> numbered OR ended <> length(d.body)""".formatted(table);
        assertThat(database.number(wrong)).isZero();
    }

    /** Documents that are in the table, by what the database says and not the status. */
    public long storedDocuments() {
        return database.number("SELECT count(DISTINCT id) FROM vectors");
    }

    /** All that is in the table; see {@link UndisturbedRun}. */
    public String rows() {
        return database.rows("public.vectors");
    }

    /** How often Kubernetes was told of something about the job. */
    public Map<String, Long> eventsByReason() {
        return events().stream().collect(Collectors.groupingBy(Event::getReason, TreeMap::new, Collectors.counting()));
    }

    /** What Kubernetes was told about the job, the oldest first. */
    public List<Event> events() {
        return cluster.client().v1().events().inNamespace(namespace).list().getItems().stream()
                .filter(event -> "EmbeddingJob".equals(event.getInvolvedObject().getKind()))
                .sorted(Comparator.comparing(event -> event.getEventTime().getTime()))
                .toList();
    }

    public List<Pod> pods() {
        return cluster.client().pods().inNamespace(namespace).list().getItems();
    }

    public List<Pod> runningPods() {
        return pods().stream()
                .filter(pod -> "Running".equals(pod.getStatus().getPhase()))
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .toList();
    }

    /** Running pods whose runner has a plan: one that is told to stop now knows what to do. */
    public List<Pod> podsAtWork() {
        return runningPods().stream().filter(TestingJob::isAtWork).toList();
    }

    /** The Job of a run; null when there is none. */
    public Job job(int run) {
        return cluster.client()
                .batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .withName(NAME + "-" + run)
                .get();
    }

    /** All Jobs that there are now, of every run. */
    public List<Job> jobs() {
        return cluster.client()
                .batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .list()
                .getItems();
    }

    public void delete() {
        resource().delete();
    }

    public TestingCluster cluster() {
        return cluster;
    }

    public String namespace() {
        return namespace;
    }

    public String name() {
        return NAME;
    }

    public TestingDatabase database() {
        return database;
    }

    private Resource<EmbeddingJob> resource() {
        KubernetesClient client = cluster.client();
        return client.resources(EmbeddingJob.class).inNamespace(namespace).withName(NAME);
    }

    private String operatorLog() {
        return cluster.kubectl()
                .ask("get", "events", "-n", namespace, "--sort-by=.lastTimestamp")
                .text();
    }

    /** Whether its runner has a plan: before that it answers, and writes no checkpoint when it is told to stop. */
    private static boolean isAtWork(Pod pod) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(
                        "http://%s:8080/progress".formatted(pod.getStatus().getPodIP())))
                .timeout(Duration.ofSeconds(2))
                .build();
        try {
            HttpResponse<String> answer = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() == HttpURLConnection.HTTP_OK
                    && !answer.body().contains("\"%s\"".formatted(Progress.Phase.Planning));
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(200);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
