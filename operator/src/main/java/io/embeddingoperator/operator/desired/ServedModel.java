package io.embeddingoperator.operator.desired;

import io.embeddingoperator.api.v1alpha1.EmbeddingEndpoint;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.SecretValue;
import java.util.List;
import java.util.Optional;

/**
 * What the pods of an endpoint answer with.
 *
 * @param onnx the model
 * @param manifest what the runner reads it from: the job's manifest, or the endpoint's own
 * @param sink where the table is that the model must have filled; empty where the endpoint has a model of its own
 */
public record ServedModel(OnnxEmbedder onnx, String manifest, Optional<SecretValue> sink) {
    /** How a run is carried out changes no vector: its edits must not start the endpoint's pods anew. */
    private static final List<String> ABOUT_RUNS = List.of(
            "template", "podRetentionSeconds", "sharding", "failurePolicy", "budget", "suspend", "runNonce", "refresh");

    /** The operator's own, and the limits, which are options of the command. */
    private static final List<String> ABOUT_PODS = List.of("template", "replicas", "scaling", "limits");

    /** @throws SpecificationProblem when the job's model does not run in a pod */
    public static ServedModel of(EmbeddingJob job) {
        return switch (job.getSpec().embedder().selected()) {
            case OnnxEmbedder onnx ->
                new ServedModel(
                        onnx,
                        ManifestFile.of(job, job.getSpec(), ABOUT_RUNS),
                        Optional.of(job.getSpec().sink().pgvector().connection()));
            case OpenAiEmbedder _ ->
                throw new SpecificationProblem(
                        SpecificationProblem.Reason.InvalidSpecification,
                        ("spec.embedder.fromJob names %s, whose embedder is openai: have its provider embed the queries, or name"
                                        + " a job with onnx")
                                .formatted(job.getMetadata().getName()));
        };
    }

    public static ServedModel of(EmbeddingEndpoint endpoint, OnnxEmbedder own) {
        return new ServedModel(own, ManifestFile.of(endpoint, endpoint.getSpec(), ABOUT_PODS), Optional.empty());
    }
}
