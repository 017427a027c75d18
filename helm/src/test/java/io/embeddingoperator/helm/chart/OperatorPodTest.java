package io.embeddingoperator.helm.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.operator.config.OperatorVariable;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class OperatorPodTest {
    private static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);

    @Test
    void getsEveryVariableOfTheOperator() {
        Map<String, String> variables = variables(Chart.render(""));

        assertThat(variables)
                .containsExactlyInAnyOrderEntriesOf(new TreeMap<>(Map.ofEntries(
                        Map.entry(OperatorVariable.NAMESPACE, "metadata.namespace"),
                        Map.entry(OperatorVariable.WATCH_NAMESPACES, ""),
                        Map.entry(OperatorVariable.RUNNER_IMAGE, "ghcr.io/embedding-operator/runner:0.1.0"),
                        Map.entry(OperatorVariable.RUNNER_CUDA_IMAGE, "ghcr.io/embedding-operator/runner-cuda:0.1.0"),
                        Map.entry(OperatorVariable.RUNNER_IMAGE_PULL_POLICY, "IfNotPresent"),
                        Map.entry(OperatorVariable.RUNNER_IMAGE_PULL_SECRETS, ""),
                        Map.entry(OperatorVariable.LEADER_ELECTION, "true"),
                        Map.entry(OperatorVariable.LEASE_NAME, "embedding-operator"),
                        Map.entry(OperatorVariable.HTTP_PORT, "8080"),
                        Map.entry(OperatorVariable.STATUS_INTERVAL_SECONDS, "5"),
                        Map.entry(OperatorVariable.PROGRESS_TIMEOUT_MILLIS, "1000"),
                        Map.entry(OperatorVariable.CANCEL_TIMEOUT_SECONDS, "600"),
                        Map.entry(OperatorVariable.CONCURRENT_RECONCILIATIONS, "16"),
                        Map.entry(OperatorVariable.ALLOWED_SERVICE_ACCOUNTS, ""),
                        Map.entry(OperatorVariable.ALLOWED_PRIORITY_CLASSES, ""),
                        Map.entry(OperatorVariable.ALLOWED_RUNTIME_CLASSES, "nvidia"),
                        Map.entry(OperatorVariable.ALLOWED_LABELS, ""),
                        Map.entry(OperatorVariable.ALLOWED_ANNOTATIONS, ""),
                        Map.entry(OperatorVariable.ALLOWED_ENVIRONMENT, ""),
                        Map.entry(OperatorVariable.ALLOWED_BASE_URLS, "https://api.openai.com"),
                        Map.entry(OperatorVariable.ALLOWED_MODEL_URLS, "https://huggingface.co"),
                        Map.entry(OperatorVariable.ALLOWED_S3_ENDPOINTS, ""),
                        Map.entry(OperatorVariable.ALLOWED_MODEL_IMAGES, "*"),
                        Map.entry(OperatorVariable.LABELLED_KINDS, ""),
                        Map.entry(OperatorVariable.LOG_FORMAT, "json"),
                        Map.entry(OperatorVariable.LOG_LEVEL, "INFO"))));
    }

    @Test
    void tellsTheOperatorWhatTheValuesSay() {
        Map<String, String> variables = variables(Chart.renderCombination("everything.yaml"));

        assertThat(variables)
                .containsEntry(OperatorVariable.WATCH_NAMESPACES, "search,shop")
                .containsEntry(OperatorVariable.RUNNER_IMAGE, "registry.example.com/runner:1.2.3")
                .containsEntry(
                        OperatorVariable.RUNNER_CUDA_IMAGE,
                        "registry.example.com/runner-cuda@sha256:" + "fedcba9876543210".repeat(4))
                .containsEntry(OperatorVariable.RUNNER_IMAGE_PULL_POLICY, "Always")
                .containsEntry(OperatorVariable.RUNNER_IMAGE_PULL_SECRETS, "registry,mirror")
                .containsEntry(OperatorVariable.LEASE_NAME, "the-one")
                .containsEntry(OperatorVariable.STATUS_INTERVAL_SECONDS, "10")
                .containsEntry(OperatorVariable.PROGRESS_TIMEOUT_MILLIS, "2000")
                .containsEntry(OperatorVariable.CANCEL_TIMEOUT_SECONDS, "60")
                .containsEntry(OperatorVariable.CONCURRENT_RECONCILIATIONS, "32")
                .containsEntry(OperatorVariable.ALLOWED_SERVICE_ACCOUNTS, "embedder")
                .containsEntry(OperatorVariable.ALLOWED_PRIORITY_CLASSES, "batch,nightly")
                .containsEntry(OperatorVariable.ALLOWED_RUNTIME_CLASSES, "")
                .containsEntry(OperatorVariable.ALLOWED_LABELS, "team,example.com/*")
                .containsEntry(OperatorVariable.ALLOWED_ANNOTATIONS, "example.com/note")
                .containsEntry(OperatorVariable.ALLOWED_ENVIRONMENT, "TZ")
                .containsEntry(
                        OperatorVariable.ALLOWED_BASE_URLS, "http://tei.search.svc:8080,https://*.openai.azure.com")
                .containsEntry(OperatorVariable.ALLOWED_MODEL_URLS, "https://models.example.com/onnx")
                .containsEntry(OperatorVariable.ALLOWED_S3_ENDPOINTS, "https://s3.example.com")
                .containsEntry(OperatorVariable.ALLOWED_MODEL_IMAGES, "registry.example.com/models/")
                .containsEntry(OperatorVariable.LABELLED_KINDS, "ConfigMap,PersistentVolumeClaim")
                .containsEntry(OperatorVariable.LOG_FORMAT, "text")
                .containsEntry(OperatorVariable.LOG_LEVEL, "DEBUG")
                .containsEntry("HTTPS_PROXY", "http://proxy:3128");
    }

    @Test
    void pinsAnImageByItsDigest() {
        RenderedChart chart = Chart.render("image: {tag: 9.9.9, digest: \"" + DIGEST + "\"}");

        assertThat(operator(chart).getImage()).isEqualTo("ghcr.io/embedding-operator/operator@" + DIGEST);
    }

    @Test
    void takesTheChartsOwnVersionWithoutATag() {
        assertThat(operator(Chart.render("")).getImage()).isEqualTo("ghcr.io/embedding-operator/operator:0.1.0");
    }

    @Test
    void isAskedForItsHealthWhereItAnswers() {
        Container operator = operator(Chart.render(""));

        assertThat(operator.getPorts()).singleElement().satisfies(port -> {
            assertThat(port.getName()).isEqualTo("http");
            assertThat(port.getContainerPort()).isEqualTo(8080);
        });
        assertThat(operator.getStartupProbe().getHttpGet().getPath()).isEqualTo("/healthz");
        assertThat(operator.getLivenessProbe().getHttpGet().getPath()).isEqualTo("/healthz");
        assertThat(operator.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/readyz");
    }

    @Test
    void isPlacedAsAsked() {
        Deployment deployment = Chart.renderCombination("everything.yaml").only(Deployment.class);
        PodSpec pod = deployment.getSpec().getTemplate().getSpec();

        assertThat(deployment.getSpec().getReplicas()).isEqualTo(3);
        assertThat(pod.getPriorityClassName()).isEqualTo("system-cluster-critical");
        assertThat(pod.getNodeSelector()).containsEntry("kubernetes.io/os", "linux");
        assertThat(pod.getTolerations())
                .singleElement()
                .satisfies(toleration -> assertThat(toleration.getKey()).isEqualTo("control-plane"));
        assertThat(pod.getAffinity().getPodAntiAffinity()).isNotNull();
        assertThat(pod.getImagePullSecrets())
                .extracting(LocalObjectReference::getName)
                .containsExactly("registry");
        assertThat(pod.getContainers().getFirst().getResources().getLimits())
                .containsEntry("cpu", new Quantity("2"))
                .containsEntry("memory", new Quantity("1Gi"));
        assertThat(deployment.getSpec().getTemplate().getMetadata().getLabels()).containsEntry("sidecar", "no");
        assertThat(deployment.getSpec().getTemplate().getMetadata().getAnnotations())
                .containsEntry("example.com/note", "1");
    }

    @Test
    void isSpreadByItsOwnLabelsUnlessToldOtherwise() {
        Deployment deployment = Chart.renderCombination("everything.yaml").only(Deployment.class);
        var constraints = deployment.getSpec().getTemplate().getSpec().getTopologySpreadConstraints();

        assertThat(constraints.getFirst().getLabelSelector())
                .isEqualTo(deployment.getSpec().getSelector());
        assertThat(constraints.getLast().getLabelSelector().getMatchLabels()).isEqualTo(Map.of("team", "search"));
    }

    @Test
    void neverRunsTwiceWithoutALeader() {
        assertThatThrownBy(() -> Chart.render("{replicas: 2, leaderElection: {enabled: false}}"))
                .hasMessageContaining("replicas is 2, which needs leaderElection.enabled");
        assertThat(strategy("leaderElection: {enabled: false}")).isEqualTo("Recreate");
        assertThat(strategy("")).isEqualTo("RollingUpdate");
    }

    @Test
    void keepsOneOfSeveralThroughADrain() {
        assertThat(Chart.render("").all(PodDisruptionBudget.class)).isEmpty();

        PodDisruptionBudget budget = Chart.render("replicas: 2").only(PodDisruptionBudget.class);

        assertThat(budget.getSpec().getMaxUnavailable().getIntVal()).isEqualTo(1);
        assertThat(budget.getSpec().getSelector())
                .isEqualTo(Chart.render("replicas: 2")
                        .only(Deployment.class)
                        .getSpec()
                        .getSelector());
    }

    @Test
    void isServedUnderOneName() {
        RenderedChart chart = Chart.render("");
        Map<String, String> selector = chart.only(Service.class).getSpec().getSelector();

        assertThat(chart.only(Deployment.class)
                        .getSpec()
                        .getTemplate()
                        .getMetadata()
                        .getLabels())
                .containsAllEntriesOf(selector);
    }

    @Test
    void hasTheOnlyServiceAccountTokenAndAsksForIt() {
        RenderedChart chart = Chart.render("");

        assertThat(chart.only(ServiceAccount.class).getAutomountServiceAccountToken())
                .isFalse();
        assertThat(pod(chart).getAutomountServiceAccountToken()).isTrue();
        assertThat(pod(chart).getServiceAccountName())
                .isEqualTo(chart.only(ServiceAccount.class).getMetadata().getName());
    }

    @Test
    void needsTheNameOfAServiceAccountThatIsNotItsOwn() {
        assertThatThrownBy(() -> Chart.render("serviceAccount: {create: false}"))
                .hasMessageContaining("serviceAccount.name must name the account to use");
    }

    private static String strategy(String values) {
        return Chart.render(values)
                .only(Deployment.class)
                .getSpec()
                .getStrategy()
                .getType();
    }

    private static PodSpec pod(RenderedChart chart) {
        return chart.only(Deployment.class).getSpec().getTemplate().getSpec();
    }

    private static Container operator(RenderedChart chart) {
        return pod(chart).getContainers().getFirst();
    }

    private static Map<String, String> variables(RenderedChart chart) {
        Map<String, String> variables = new TreeMap<>();
        for (EnvVar variable : operator(chart).getEnv()) {
            boolean ofThePod =
                    variable.getValueFrom() != null && variable.getValueFrom().getFieldRef() != null;
            String value = ofThePod ? variable.getValueFrom().getFieldRef().getFieldPath() : variable.getValue();
            assertThat(variables.put(variable.getName(), value == null ? "" : value))
                    .as(variable.getName())
                    .isNull();
        }
        return variables;
    }
}
