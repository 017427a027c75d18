package io.embeddingoperator.helm.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.marcnuri.helm.Helm;
import io.embeddingoperator.cluster.KubernetesPrograms;
import io.embeddingoperator.cluster.controlplane.ControlPlane;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.FieldValidateable.Validation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The chart on a real control plane: what it makes is taken, and gives the rights that it says. */
class ChartIT {
    private static final int LIMIT_SECONDS = 60;
    private static final String RELEASE = "embedding-operator";
    private static final String CRD = "embeddingjobs.embedding-operator.io";
    private static final String JOB = """
            apiVersion: embedding-operator.io/v1alpha1
            kind: EmbeddingJob
            metadata: {name: articles, namespace: search}
            spec:
              source:
                postgres:
                  connection: {secretKeyRef: {name: source, key: uri}}
                  table: public.articles
                  keyColumn: id
                  textColumns: [title, body]
              embedder:
                onnx:
                  model: {bundled: all-minilm-l6-v2}
              sink:
                pgvector:
                  connection: {secretKeyRef: {name: vectors, key: uri}}
                  table: public.article_embeddings
            """;

    @TempDir
    private static Path folder;

    private static ControlPlane controlPlane;
    private static KubernetesClient client;

    @BeforeAll
    static void start() {
        controlPlane = ControlPlane.start(KubernetesPrograms.folder(), folder.resolve("cluster"));
        client = controlPlane.client();
        PrometheusOperator.install(client);
        Stream.of(Chart.NAMESPACE, "search", "shop", "archive", "monitoring")
                .forEach(ChartIT::createRestrictedNamespace);
    }

    @AfterAll
    static void stop() {
        if (controlPlane != null) {
            controlPlane.close();
        }
    }

    @AfterEach
    void takeAway() {
        Helm.uninstall(RELEASE)
                .ignoreNotFound()
                .withNamespace(Chart.NAMESPACE)
                .withKubeConfig(controlPlane.kubeconfig())
                .call();
    }

    @ParameterizedTest
    @MethodSource("combinations")
    void makesOnlyWhatTheApiServerTakes(String values) {
        for (JsonNode document : Chart.renderCombination(values).documents()) {
            // As it was written: a typed object would have lost what its type does not know.
            var object =
                    client.getKubernetesSerialization().unmarshal(document.toString(), GenericKubernetesResource.class);
            assertThatCode(() -> client.resource(object)
                            .dryRun()
                            .fieldValidation(Validation.STRICT)
                            .forceConflicts()
                            .serverSideApply())
                    .as("%s %s", object.getKind(), object.getMetadata().getName())
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void isJudgedByThePrometheusOperatorsOwnTypes() {
        List<GenericKubernetesResource> monitoring = combinations()
                .flatMap(values -> Chart.renderCombination(values).documents().stream())
                .filter(document -> document.path("apiVersion").textValue().startsWith("monitoring.coreos.com/"))
                .map(document -> client.getKubernetesSerialization()
                        .unmarshal(document.toString(), GenericKubernetesResource.class))
                .toList();
        assertThat(monitoring)
                .extracting(GenericKubernetesResource::getKind)
                .contains("PodMonitor", "ServiceMonitor", "PrometheusRule");

        // What does not fit its type is an error of the server, which a client would ask for again and again.
        Config once = new ConfigBuilder(client.getConfiguration())
                .withRequestRetryBackoffLimit(0)
                .build();
        try (KubernetesClient impatient =
                new KubernetesClientBuilder().withConfig(once).build()) {
            for (GenericKubernetesResource object : monitoring) {
                object.setAdditionalProperty("spec", Map.of("nonsense", true));
                assertThatThrownBy(() -> impatient
                                .resource(object)
                                .dryRun()
                                .fieldValidation(Validation.STRICT)
                                .forceConflicts()
                                .serverSideApply())
                        .hasMessageContaining("nonsense");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("combinations")
    void makesPodsThatARestrictedNamespaceTakes(String values) {
        PodTemplateSpec template =
                Chart.renderCombination(values).only(Deployment.class).getSpec().getTemplate();
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withName("operator")
                .withNamespace(Chart.NAMESPACE)
                .endMetadata()
                .withSpec(template.getSpec())
                .editSpec()
                .withServiceAccountName("default")
                .endSpec()
                .build();

        assertThatCode(() -> client.resource(pod).dryRun().create()).doesNotThrowAnyException();
    }

    @Test
    void aReleaseWithLeaderElectionCanBeChangedToOneWithout() throws IOException {
        Path values = Files.writeString(
                folder.resolve("alone.yaml"), "{watchNamespaces: [search], leaderElection: {enabled: false}}");

        // by those who apply on the server's side
        Deployment rolling = Chart.render("").only(Deployment.class);
        client.resource(rolling).serverSideApply();
        makesOnlyWhatTheApiServerTakes("least.yaml");
        client.resource(rolling).delete();

        // and by Helm
        install();
        new Helm(Chart.FOLDER)
                .upgrade()
                .withName(RELEASE)
                .withNamespace(Chart.NAMESPACE)
                .withKubeConfig(controlPlane.kubeconfig())
                .withValuesFile(values)
                .call();
        assertThat(client.apps()
                        .deployments()
                        .inNamespace(Chart.NAMESPACE)
                        .withName(RELEASE)
                        .get()
                        .getSpec()
                        .getStrategy()
                        .getType())
                .isEqualTo("Recreate");
    }

    @Test
    void givesItsRightsAndKeepsTheJobsWhenItIsTakenAway() throws IOException {
        install();
        var crd = client.resources(CustomResourceDefinition.class).withName(CRD);
        crd.waitUntilCondition(ChartIT::isEstablished, LIMIT_SECONDS, TimeUnit.SECONDS);
        client.resource(JOB).create();

        assertThat(operatorMay("patch", "embedding-operator.io", "embeddingjobs/status", "search"))
                .isTrue();
        assertThat(operatorMay("create", "batch", "jobs", "search")).isTrue();
        assertThat(operatorMay("create", "batch", "jobs", "shop")).isFalse();
        assertThat(operatorMay("create", "coordination.k8s.io", "leases", Chart.NAMESPACE))
                .isTrue();
        for (String namespace : List.of("search", "shop", Chart.NAMESPACE)) {
            for (String verb : List.of("get", "list", "watch", "create", "patch", "update", "delete")) {
                assertThat(operatorMay(verb, "", "secrets", namespace)).isFalse();
            }
        }
        client.resources(ClusterRole.class)
                .withName("view")
                .waitUntilCondition(ChartIT::coversEmbeddingJobs, LIMIT_SECONDS, TimeUnit.SECONDS);

        Helm.uninstall(RELEASE)
                .withNamespace(Chart.NAMESPACE)
                .withKubeConfig(controlPlane.kubeconfig())
                .call();

        assertThat(client.apps()
                        .deployments()
                        .inNamespace(Chart.NAMESPACE)
                        .list()
                        .getItems())
                .isEmpty();
        assertThat(crd.get()).isNotNull();
        assertThat(jobs()).hasSize(1);

        install();

        assertThat(jobs()).hasSize(1);
    }

    static Stream<String> combinations() {
        return Chart.combinations().stream();
    }

    private static void install() throws IOException {
        Path values = Files.writeString(folder.resolve("values.yaml"), "watchNamespaces: [search]");
        var release = new Helm(Chart.FOLDER)
                .install()
                .withName(RELEASE)
                .withNamespace(Chart.NAMESPACE)
                .withKubeConfig(controlPlane.kubeconfig())
                .withValuesFile(values)
                .call();
        assertThat(release.getStatus()).isEqualTo("deployed");
    }

    private static List<GenericKubernetesResource> jobs() {
        return client.genericKubernetesResources("embedding-operator.io/v1alpha1", "EmbeddingJob")
                .inNamespace("search")
                .list()
                .getItems();
    }

    private static boolean operatorMay(String verb, String group, String resource, String namespace) {
        String[] parts = resource.split("/");
        return client.resource(new SubjectAccessReviewBuilder()
                        .withNewSpec()
                        .withUser("system:serviceaccount:" + Chart.NAMESPACE + ":" + RELEASE)
                        .withGroups(
                                "system:serviceaccounts",
                                "system:serviceaccounts:" + Chart.NAMESPACE,
                                "system:authenticated")
                        .withNewResourceAttributes()
                        .withVerb(verb)
                        .withGroup(group)
                        .withResource(parts[0])
                        .withSubresource(parts.length > 1 ? parts[1] : null)
                        .withNamespace(namespace)
                        .endResourceAttributes()
                        .endSpec()
                        .build())
                .create()
                .getStatus()
                .getAllowed();
    }

    static boolean isEstablished(CustomResourceDefinition crd) {
        return crd != null
                && crd.getStatus() != null
                && crd.getStatus().getConditions() != null
                && crd.getStatus().getConditions().stream()
                        .anyMatch(condition -> condition.getType().equals("Established")
                                && condition.getStatus().equals("True"));
    }

    private static boolean coversEmbeddingJobs(ClusterRole view) {
        return view.getRules().stream().anyMatch(rule -> rule.getResources().contains("embeddingjobs"));
    }

    private static void createRestrictedNamespace(String name) {
        client.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .addToLabels("pod-security.kubernetes.io/enforce", "restricted")
                        .endMetadata()
                        .build())
                .create();
        client.serviceAccounts()
                .inNamespace(name)
                .withName("default")
                .waitUntilCondition(Objects::nonNull, LIMIT_SECONDS, TimeUnit.SECONDS);
    }
}
