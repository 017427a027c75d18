package io.embeddingoperator.helm.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.marcnuri.helm.Helm;
import io.embeddingoperator.cluster.KubernetesPrograms;
import io.embeddingoperator.cluster.controlplane.ControlPlane;
import io.fabric8.kubernetes.api.model.APIGroup;
import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicy;
import io.fabric8.kubernetes.api.model.admissionregistration.v1.ValidatingAdmissionPolicyBinding;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable.Validation;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
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
    /** In the order in which {@link RightsTest#NEEDED} names them. */
    private static final List<String> VERBS = List.of(
            "bind",
            "create",
            "delete",
            "deletecollection",
            "escalate",
            "get",
            "impersonate",
            "list",
            "patch",
            "update",
            "watch");

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

        // by clients of server-side apply
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

        assertThat(rightsIn("search")).isEqualTo(RightsTest.NEEDED);
        assertThat(rightsIn("shop")).isEmpty();
        assertThat(operatorMay("create", "coordination.k8s.io", "leases", Chart.NAMESPACE))
                .isTrue();
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

    @Test
    void keepsEveryoneFromEmbeddingInTheNamespacesOfKubernetesItself() {
        for (JsonNode document : Chart.render("").documents()) {
            if (document.path("kind").textValue().matches("ValidatingAdmissionPolicy.*|CustomResourceDefinition")) {
                client.resource(client.getKubernetesSerialization()
                                .unmarshal(document.toString(), GenericKubernetesResource.class))
                        .forceConflicts()
                        .serverSideApply();
            }
        }
        client.resources(CustomResourceDefinition.class)
                .withName(CRD)
                .waitUntilCondition(ChartIT::isEstablished, LIMIT_SECONDS, TimeUnit.SECONDS);
        Config once = new ConfigBuilder(client.getConfiguration())
                .withRequestRetryBackoffLimit(0)
                .build();
        try (KubernetesClient impatient =
                new KubernetesClientBuilder().withConfig(once).build()) {
            String system = JOB.replace("namespace: search", "namespace: kube-system");
            // The API server takes a new policy in within moments.
            Instant end = Instant.now().plusSeconds(LIMIT_SECONDS);
            while (isTaken(impatient, system) && Instant.now().isBefore(end)) {
                LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
            }

            assertThatThrownBy(() -> impatient.resource(system).dryRun().create())
                    .hasMessageContaining("create it in another one");
            assertThat(isTaken(impatient, JOB)).isTrue();
        } finally {
            client.resources(ValidatingAdmissionPolicyBinding.class).delete();
            client.resources(ValidatingAdmissionPolicy.class).delete();
        }
    }

    static Stream<String> combinations() {
        return Chart.combinations().stream();
    }

    private static boolean isTaken(KubernetesClient client, String manifest) {
        try {
            client.resource(manifest).dryRun().create();
            return true;
        } catch (KubernetesClientException refused) {
            // Policies are asked before it is looked for an object of the same name, which another test may have left.
            return refused.getCode() == HttpURLConnection.HTTP_CONFLICT;
        }
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

    /** All that the API server's own authorizer allows the operator to do there, by resource, of all verbs and resources that it serves. */
    private static Map<String, String> rightsIn(String namespace) {
        Map<String, String> rights = new TreeMap<>();
        for (String resource : everyResource()) {
            String[] groupAndName = resource.split("/", 2);
            String verbs = VERBS.stream()
                    .filter(verb -> operatorMay(verb, groupAndName[0], groupAndName[1], namespace))
                    .collect(Collectors.joining(","));
            if (!verbs.isEmpty()) {
                rights.put(resource, verbs);
            }
        }
        return rights;
    }

    /**
     * Group and name of every resource that this API server has in a namespace, subresources included; without those by which
     * every account may ask what it may do itself.
     */
    private static Set<String> everyResource() {
        Set<String> resources = new TreeSet<>(Set.of(
                "embedding-operator.io/embeddingjobs/finalizers",
                "embedding-operator.io/embeddingendpoints/finalizers"));
        for (APIGroup group : client.getApiGroups().getGroups()) {
            for (APIResource resource : client.getApiResources(
                            group.getPreferredVersion().getGroupVersion())
                    .getResources()) {
                resources.add(group.getName() + "/" + resource.getName());
            }
        }
        client.getApiResources("v1").getResources().forEach(resource -> resources.add("/" + resource.getName()));
        resources.removeIf(resource -> resource.contains("/selfsubject"));
        return resources;
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
