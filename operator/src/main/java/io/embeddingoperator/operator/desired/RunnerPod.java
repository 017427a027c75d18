package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.RunnerTemplate;
import io.embeddingoperator.operator.config.RunnerImages;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A runner pod: one container, no credentials of the cluster, and what the level {@code restricted} of the Pod Security
 * Standards asks for.
 *
 * <p>It has no probes. No Service sends requests to a runner, so readiness has no reader; and a liveness probe cannot tell a
 * long download or a slow database from a runner that hangs, and would kill good work.
 *
 * <p>It has no {@code fsGroup}: claims are mounted read-only, the folder for temporary files is open to every user, and an
 * fsGroup would make the kubelet walk over every file of a corpus first. Files on a claim must be readable for user 65532.
 */
public final class RunnerPod {
    /** The name of the container. */
    public static final String CONTAINER = "runner";

    /** Port of /progress, /metrics and /healthz. */
    public static final int HTTP_PORT = 8080;

    /** The name of {@link #HTTP_PORT} in the container. */
    public static final String HTTP_PORT_NAME = "http";

    /** The user of the runner's image, without a name and without rights. */
    private static final long USER = 65_532;

    /** A runner takes up to 20 s to write its checkpoint and end. */
    private static final long GRACE_SECONDS = 30;

    private RunnerPod() {}

    /** @throws SpecificationProblem when the manifest makes no sound pod */
    static PodTemplateSpec template(EmbeddingJob manifest, RunnerImages images) {
        return template(manifest, images, "run", RunNames.of(manifest).configMap());
    }

    /**
     * The same for a command of the runner.
     *
     * @param configMap where it reads the manifest
     * @throws SpecificationProblem when the manifest makes no sound pod
     */
    static PodTemplateSpec template(EmbeddingJob manifest, RunnerImages images, String command, String configMap) {
        RunnerTemplate template = manifest.getSpec().template();
        List<MountedVolume> volumes = RunnerVolumes.of(manifest, configMap);
        TemplateCheck.check(manifest, volumes);
        MountCheck.check(manifest.getSpec(), volumes);
        return new PodTemplateSpecBuilder()
                .withNewMetadata()
                .withLabels(labels(manifest))
                .withAnnotations(template.annotations())
                .endMetadata()
                .withNewSpec()
                .withRestartPolicy("Never")
                .withTerminationGracePeriodSeconds(GRACE_SECONDS)
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
                .withContainers(container(manifest, images, command, volumes))
                .withVolumes(volumes.stream().map(MountedVolume::volume).toList())
                .addAllToVolumes(TemplateVolumes.volumes(template))
                .endSpec()
                .build();
    }

    private static Container container(
            EmbeddingJob manifest, RunnerImages images, String command, List<MountedVolume> volumes) {
        RunnerTemplate template = manifest.getSpec().template();
        return new ContainerBuilder()
                .withName(CONTAINER)
                .withImage(RunnerImage.of(manifest.getSpec(), images))
                .withImagePullPolicy(images.pullPolicy())
                .withArgs(command, "-f", RunnerVolumes.SPEC_FOLDER + "/" + RunnerConfigMap.KEY)
                .withEnv(RunnerVariables.of(manifest))
                .addNewPort()
                .withName(HTTP_PORT_NAME)
                .withContainerPort(HTTP_PORT)
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
    private static Map<String, String> labels(EmbeddingJob manifest) {
        Map<String, String> labels = new TreeMap<>(manifest.getSpec().template().labels());
        labels.keySet().removeIf(Kueue::isKueues);
        labels.putAll(RunLabels.of(manifest));
        return labels;
    }
}
