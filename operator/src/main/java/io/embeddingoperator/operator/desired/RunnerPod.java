package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.RunnerTemplate;
import io.embeddingoperator.operator.config.RunnerImages;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import java.util.List;
import java.util.Map;

/**
 * A runner pod.
 *
 * <p>It has no probes. No Service sends requests to a runner, so readiness has no reader; and a liveness probe cannot tell a
 * long download or a slow database from a runner that hangs, and would kill good work.
 */
public final class RunnerPod {
    /** The name of the container. */
    public static final String CONTAINER = "runner";

    /** Port of /progress, /metrics and /healthz. */
    public static final int HTTP_PORT = 8080;

    /** The name of {@link #HTTP_PORT} in the container. */
    public static final String HTTP_PORT_NAME = "http";

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
        Map<String, String> labels = RunLabels.of(manifest);
        List<MountedVolume> volumes = RunnerVolumes.of(manifest, configMap);
        TemplateCheck.check(template, labels, volumes);
        MountCheck.check(manifest.getSpec(), volumes);
        RestrictedPod pod = new RestrictedPod(
                labels,
                template,
                images,
                RunnerImage.of(manifest.getSpec(), images),
                List.of(command, "-f", RunnerVolumes.SPEC_FOLDER + "/" + RunnerConfigMap.KEY),
                RunnerVariables.of(manifest),
                volumes);
        return new PodTemplateSpecBuilder(pod.build())
                .editSpec()
                .withRestartPolicy("Never")
                .withTerminationGracePeriodSeconds(GRACE_SECONDS)
                .endSpec()
                .build();
    }
}
