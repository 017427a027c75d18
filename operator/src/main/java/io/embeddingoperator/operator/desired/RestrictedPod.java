package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.RunnerTemplate;
import io.embeddingoperator.operator.config.RunnerImages;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A pod of the runner's image: one container, no credentials of the cluster, and what the level {@code restricted} of the Pod
 * Security Standards asks for.
 *
 * <p>It has no {@code fsGroup}: claims are mounted read-only, the folder for temporary files is open to every user, and an
 * fsGroup would make the kubelet walk over every file of a corpus first. Files on a claim must be readable for user 65532.
 *
 * @param labels the operator's own
 * @param template what the manifest adds
 * @param images which images there are
 * @param image the one of this pod
 * @param arguments of the command
 * @param variables all of them
 * @param volumes those that the operator adds
 */
record RestrictedPod(
        Map<String, String> labels,
        RunnerTemplate template,
        RunnerImages images,
        String image,
        List<String> arguments,
        List<EnvVar> variables,
        List<MountedVolume> volumes) {
    /** The user of the runner's image, without a name and without rights. */
    private static final long USER = 65_532;

    PodTemplateSpec build() {
        return new PodTemplateSpecBuilder()
                .withNewMetadata()
                .withLabels(allLabels())
                .withAnnotations(template.annotations())
                .endMetadata()
                .withNewSpec()
                .withAutomountServiceAccountToken(false)
                .withEnableServiceLinks(false)
                .withServiceAccountName(template.serviceAccountName())
                .withImagePullSecrets(images.pullSecrets().stream()
                        .map(LocalObjectReference::new)
                        .toList())
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(USER)
                .withRunAsGroup(USER)
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .withNodeSelector(template.nodeSelector())
                .withAffinity(template.affinity())
                .withTolerations(template.tolerations())
                .withRuntimeClassName(template.runtimeClassName())
                .withPriorityClassName(template.priorityClassName())
                .withContainers(container())
                .withVolumes(volumes.stream().map(MountedVolume::volume).toList())
                .addAllToVolumes(TemplateVolumes.volumes(template))
                .endSpec()
                .build();
    }

    private Container container() {
        return new ContainerBuilder()
                .withName(RunnerPod.CONTAINER)
                .withImage(image)
                .withImagePullPolicy(images.pullPolicy())
                .withArgs(arguments)
                .withEnv(variables)
                .addNewPort()
                .withName(RunnerPod.HTTP_PORT_NAME)
                .withContainerPort(RunnerPod.HTTP_PORT)
                .withProtocol("TCP")
                .endPort()
                .withResources(RunnerResources.of(template.resources()))
                .withNewSecurityContext()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .endSecurityContext()
                .withVolumeMounts(volumes.stream().map(MountedVolume::mount).toList())
                .addAllToVolumeMounts(TemplateVolumes.mounts(template))
                .build();
    }

    /** Kueue's labels are for the Job alone: on a pod they would ask Kueue to queue the pod itself. */
    private Map<String, String> allLabels() {
        Map<String, String> all = new TreeMap<>(template.labels());
        all.keySet().removeIf(Kueue::isKueues);
        all.putAll(labels);
        return all;
    }
}
