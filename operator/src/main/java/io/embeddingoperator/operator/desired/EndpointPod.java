package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.ApiVersion;
import io.embeddingoperator.api.v1alpha1.EmbeddingEndpoint;
import io.embeddingoperator.api.v1alpha1.EndpointLimits;
import io.embeddingoperator.api.v1alpha1.RunnerTemplate;
import io.embeddingoperator.operator.config.RunnerImages;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import java.util.List;

/**
 * A pod of an endpoint. It is ready once its model answers, and has no liveness probe, as a runner has none.
 *
 * <p>Its manifest is an annotation of its own, mounted as a file, and no ConfigMap: a pod that is started again in the middle of an
 * update reads the manifest that it was made for, and another manifest makes other pods by itself.
 */
final class EndpointPod {
    /** The annotation that holds the manifest. */
    static final String MANIFEST = ApiVersion.GROUP + "/manifest";

    /** The name of its file in a pod. */
    static final String FILE = "manifest.yaml";

    /** The proxies of all nodes hear within this time that a pod is going; until then it takes new requests. */
    private static final long UNTIL_UNLISTED_SECONDS = 10;

    /** After that the endpoint takes up to 20 s to answer what it was asked. */
    private static final long GRACE_SECONDS = UNTIL_UNLISTED_SECONDS + 30;

    private static final int PROBE_SECONDS = 2;

    private EndpointPod() {}

    /** @throws SpecificationProblem when the manifest makes no sound pod */
    static PodTemplateSpec template(EmbeddingEndpoint endpoint, ServedModel model, RunnerImages images) {
        RunnerTemplate template = endpoint.getSpec().template();
        List<MountedVolume> volumes = RunnerVolumes.of(model.onnx());
        TemplateCheck.check(template, EndpointLabels.of(endpoint), volumes);
        MountCheck.checkModel(model.onnx(), template, volumes);
        RestrictedPod pod = new RestrictedPod(
                EndpointLabels.of(endpoint),
                template,
                images,
                RunnerImage.of(model.onnx(), template, images),
                arguments(endpoint.getSpec().limits()),
                RunnerVariables.of(model, template),
                volumes);
        return new PodTemplateSpecBuilder(pod.build())
                .editMetadata()
                .addToAnnotations(MANIFEST, model.manifest())
                .endMetadata()
                .editSpec()
                .withTerminationGracePeriodSeconds(GRACE_SECONDS)
                .editFirstContainer()
                .withNewLifecycle()
                .withNewPreStop()
                .withNewSleep(UNTIL_UNLISTED_SECONDS)
                .endPreStop()
                .endLifecycle()
                .withNewReadinessProbe()
                .withNewHttpGet()
                .withPath("/healthz")
                .withPort(new IntOrString(RunnerPod.HTTP_PORT_NAME))
                .endHttpGet()
                .withPeriodSeconds(PROBE_SECONDS)
                .withTimeoutSeconds(PROBE_SECONDS)
                .endReadinessProbe()
                .endContainer()
                .endSpec()
                .build();
    }

    private static List<String> arguments(EndpointLimits limits) {
        return List.of(
                "serve",
                "-f",
                RunnerVolumes.SPEC_FOLDER + "/" + FILE,
                "--address",
                "0.0.0.0",
                "--port",
                Integer.toString(RunnerPod.HTTP_PORT),
                "--max-queue-millis",
                limits.maxQueueMillis().toString(),
                "--max-request-texts",
                limits.maxRequestTexts().toString());
    }
}
