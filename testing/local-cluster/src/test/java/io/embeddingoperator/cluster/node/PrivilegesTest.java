package io.embeddingoperator.cluster.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import org.junit.jupiter.api.Test;

class PrivilegesTest {
    @Test
    void aRestrictedContainerIsItsUserWithoutAnyCapability() {
        // given
        Pod pod = new PodBuilder()
                .withNewSpec()
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(65532L)
                .withRunAsGroup(65532L)
                .withFsGroup(2000L)
                .endSecurityContext()
                .addNewContainer()
                .withNewSecurityContext()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .endSecurityContext()
                .endContainer()
                .endSpec()
                .build();

        // when
        Privileges privileges = of(pod);

        // then
        assertThat(privileges.writableRoot()).isFalse();
        assertThat(privileges.mustNotBeRoot()).isTrue();
        assertThat(privileges.options(true))
                .isEqualTo("--reuid=65532 --regid=65532 --groups=2000 --bounding-set=-all --inh-caps=-all"
                        + " --no-new-privs");
        assertThat(privileges.options(false)).isEqualTo("--bounding-set=-all --inh-caps=-all --no-new-privs");
    }

    @Test
    void aContainersOwnUserIsStrongerThanItsPods() {
        Pod pod = new PodBuilder()
                .withNewSpec()
                .withNewSecurityContext()
                .withRunAsUser(1000L)
                .endSecurityContext()
                .addNewContainer()
                .withNewSecurityContext()
                .withRunAsUser(0L)
                .endSecurityContext()
                .endContainer()
                .endSpec()
                .build();

        assertThat(of(pod).user()).isZero();
    }

    @Test
    void aContainerThatAsksForNothingHasWhatContainerRuntimesGive() {
        Pod pod = new PodBuilder()
                .withNewSpec()
                .addNewContainer()
                .endContainer()
                .endSpec()
                .build();

        assertThat(of(pod).options(true))
                .startsWith("--reuid=0 --regid=0 --clear-groups --bounding-set=-all,+chown,")
                .doesNotContain("sys_admin", "no-new-privs");
        assertThat(of(pod).writableRoot()).isTrue();
    }

    private static Privileges of(Pod pod) {
        return Privileges.of(pod, pod.getSpec().getContainers().getFirst());
    }
}
