package io.embeddingoperator.cluster.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a cluster does that has no node yet: everything but run pods. */
class ControlPlaneIT {
    private static final int LIMIT_SECONDS = 30;

    private final ControlPlane controlPlane = TestingControlPlane.shared();
    private final KubernetesClient client = controlPlane.client();
    private final String namespace = TestingControlPlane.newNamespace();

    @Test
    void isTheKubernetesThatItShouldBe() {
        assertThat(client.getKubernetesVersion().getGitVersion()).startsWith("v1.36.");
    }

    @Test
    void anIndexedJobGetsItsPodsWhichWaitForANode() {
        Job job = client.batch()
                .v1()
                .jobs()
                .inNamespace(namespace)
                .resource(new JobBuilder()
                        .withNewMetadata()
                        .withName("indexed")
                        .endMetadata()
                        .withNewSpec()
                        .withCompletionMode("Indexed")
                        .withCompletions(3)
                        .withParallelism(2)
                        .withBackoffLimitPerIndex(1)
                        .withNewTemplate()
                        .withSpec(restrictedPod())
                        .endTemplate()
                        .endSpec()
                        .build())
                .create();

        client.batch()
                .v1()
                .jobs()
                .resource(job)
                .waitUntilCondition(
                        seen -> Integer.valueOf(2).equals(seen.getStatus().getActive()),
                        LIMIT_SECONDS,
                        TimeUnit.SECONDS);
        List<Pod> pods = pods();
        assertThat(pods)
                .extracting(pod -> pod.getMetadata().getAnnotations().get("batch.kubernetes.io/job-completion-index"))
                .containsExactlyInAnyOrder("0", "1");
        assertThat(pods).allSatisfy(this::becomesUnschedulable);
    }

    private void becomesUnschedulable(Pod pod) {
        client.pods()
                .resource(pod)
                .waitUntilCondition(
                        seen -> seen.getStatus().getConditions().stream()
                                .anyMatch(condition -> condition.getType().equals("PodScheduled")
                                        && "Unschedulable".equals(condition.getReason())
                                        && condition.getMessage().contains("no nodes available")),
                        LIMIT_SECONDS,
                        TimeUnit.SECONDS);
    }

    @Test
    void whatIsOwnedGoesWithItsOwner() {
        ConfigMap owner = client.resource(configMap("owner")).create();
        ConfigMap owned = client.resource(new ConfigMapBuilder(configMap("owned"))
                        .editMetadata()
                        .addNewOwnerReference()
                        .withApiVersion("v1")
                        .withKind("ConfigMap")
                        .withName("owner")
                        .withUid(owner.getMetadata().getUid())
                        .endOwnerReference()
                        .endMetadata()
                        .build())
                .create();

        client.resource(owner).delete();

        client.resource(owned).waitUntilCondition(Objects::isNull, LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    @Test
    void aRestrictedNamespaceTakesARestrictedPodAndRefusesAnyOther() {
        Pod restricted = pod("restricted", restrictedPod());
        Pod careless = pod(
                "careless",
                new PodSpecBuilder()
                        .addNewContainer()
                        .withName("main")
                        .withImage("example.org/image")
                        .endContainer()
                        .build());

        assertThat(client.resource(restricted).create().getMetadata().getUid()).isNotEmpty();
        assertThatThrownBy(() -> client.resource(careless).create())
                .hasMessageContaining("violates PodSecurity \"restricted:latest\"");
    }

    @Test
    void aUserMayDoWhatTheRolesOfHisGroupAllow() {
        allowToListConfigMaps("Group", "readers");

        try (KubernetesClient reader = clientOf(controlPlane.kubeconfigFor("jane", List.of("guests", "readers")))) {
            assertThat(reader.configMaps().inNamespace(namespace).list().getItems())
                    .isNotNull();
            assertForbidden(reader, "jane");
        }
        try (KubernetesClient guest = clientOf(controlPlane.kubeconfigFor("joe", List.of("guests")))) {
            assertForbidden(guest, "joe");
            assertThatThrownBy(() -> guest.configMaps().inNamespace(namespace).list())
                    .hasMessageContaining("User \"joe\" cannot list resource \"configmaps\"");
        }
    }

    @Test
    void aServiceAccountMayDoWhatItsRolesAllow() {
        allowToListConfigMaps("ServiceAccount", "default");

        try (KubernetesClient account = clientOf(controlPlane.kubeconfigForServiceAccount(namespace, "default"))) {
            assertThat(account.configMaps().inNamespace(namespace).list().getItems())
                    .isNotNull();
            assertForbidden(account, "system:serviceaccount:" + namespace + ":default");
        }
    }

    private void assertForbidden(KubernetesClient user, String name) {
        assertThatThrownBy(() -> user.secrets().inNamespace(namespace).list())
                .isInstanceOfSatisfying(
                        KubernetesClientException.class,
                        e -> assertThat(e.getCode()).isEqualTo(HttpURLConnection.HTTP_FORBIDDEN))
                .hasMessageContaining("User \"%s\" cannot list resource \"secrets\"".formatted(name));
    }

    private void allowToListConfigMaps(String kind, String name) {
        client.resource(new RoleBuilder()
                        .withNewMetadata()
                        .withName("reader")
                        .withNamespace(namespace)
                        .endMetadata()
                        .addNewRule()
                        .withApiGroups("")
                        .withResources("configmaps")
                        .withVerbs("list")
                        .endRule()
                        .build())
                .create();
        client.resource(new RoleBindingBuilder()
                        .withNewMetadata()
                        .withName("reader")
                        .withNamespace(namespace)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "Role", "reader")
                        .addNewSubject()
                        .withKind(kind)
                        .withName(name)
                        .withNamespace(kind.equals("ServiceAccount") ? namespace : null)
                        .endSubject()
                        .build())
                .create();
    }

    private static KubernetesClient clientOf(Path kubeconfig) {
        return new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(kubeconfig.toFile()))
                .build();
    }

    private List<Pod> pods() {
        return client.pods().inNamespace(namespace).list().getItems();
    }

    private ConfigMap configMap(String name) {
        return new ConfigMapBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .endMetadata()
                .build();
    }

    private Pod pod(String name, PodSpec spec) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(namespace)
                .endMetadata()
                .withSpec(spec)
                .build();
    }

    private static PodSpec restrictedPod() {
        return new PodSpecBuilder()
                .withRestartPolicy("Never")
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(65532L)
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .addNewContainer()
                .withName("main")
                .withImage("example.org/image")
                .withNewSecurityContext()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .endSecurityContext()
                .endContainer()
                .build();
    }
}
