package io.embeddingoperator.runner.run;

import io.embeddingoperator.api.contract.EnvironmentVariable;
import io.embeddingoperator.api.v1alpha1.EmbedderSpec;
import io.embeddingoperator.api.v1alpha1.EndpointModel;
import io.embeddingoperator.api.v1alpha1.Model;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import io.embeddingoperator.api.v1alpha1.OpenAiEmbedder;
import io.embeddingoperator.api.v1alpha1.TableReplacement;
import io.embeddingoperator.runner.embed.LocalEmbedder;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.manifest.EndpointManifest;
import io.embeddingoperator.runner.manifest.Manifest;
import io.embeddingoperator.runner.manifest.ServedManifest;
import io.embeddingoperator.runner.serve.EmbeddingPort;
import io.embeddingoperator.runner.serve.ServeLimits;
import io.embeddingoperator.runner.serve.ServedModel;
import io.embeddingoperator.runner.sink.EmbeddingSink;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A model that answers those who search: that of a job, for its table, or an endpoint's own. */
public final class JobEndpoint implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JobEndpoint.class);

    private final LocalEmbedder embedder;
    private final EmbeddingPort port;

    private JobEndpoint(LocalEmbedder embedder, EmbeddingPort port) {
        this.embedder = embedder;
        this.port = port;
    }

    /**
     * Opens the model, and the port once it is ready.
     *
     * @param address whose port may be 0 for a free one
     * @throws SpecificationException when the job's model is not one of this process, or not the one that filled the table
     */
    public static JobEndpoint open(
            ServedManifest manifest, RunnerEnvironment environment, InetSocketAddress address, ServeLimits limits)
            throws InterruptedException {
        OnnxEmbedder onnx = onnx(manifest);
        LocalEmbedder embedder = model(manifest, onnx, environment);
        try {
            EmbeddingPort port = EmbeddingPort.open(address, new ServedModel(names(manifest, onnx), embedder), limits);
            LOG.info(
                    "{}: POST http://{}:{}/v1/embeddings",
                    embedder.description(),
                    address.getHostString(),
                    port.port());
            return new JobEndpoint(embedder, port);
        } catch (RuntimeException e) {
            embedder.close();
            throw e;
        }
    }

    public int port() {
        return port.port();
    }

    @Override
    public void close() {
        port.close();
        embedder.close();
    }

    private static OnnxEmbedder onnx(ServedManifest manifest) {
        return switch (manifest) {
            case Manifest job ->
                switch (job.spec().embedder().selected()) {
                    case OnnxEmbedder onnx -> onnx;
                    case OpenAiEmbedder _ ->
                        throw new SpecificationException(
                                "spec.embedder is openai, whose model answers at its provider: serve needs"
                                        + " spec.embedder.onnx");
                };
            case EndpointManifest endpoint ->
                switch (endpoint.spec().embedder().selected()) {
                    case EndpointModel.Own(OnnxEmbedder onnx) -> onnx;
                    case EndpointModel.OfJob(String job) ->
                        throw new SpecificationException(
                                "spec.embedder.fromJob is %s: give serve the manifest of this EmbeddingJob itself"
                                        .formatted(job));
                };
        };
    }

    private static LocalEmbedder model(ServedManifest manifest, OnnxEmbedder onnx, RunnerEnvironment environment)
            throws InterruptedException {
        try (WaitingLog _ = WaitingLog.begin("not ready yet")) {
            return switch (manifest) {
                case Manifest job -> ofJob(job, onnx, environment);
                case EndpointManifest _ -> opened(onnx, OptionalInt.empty(), environment, Optional::empty);
            };
        }
    }

    private static LocalEmbedder ofJob(Manifest job, OnnxEmbedder onnx, RunnerEnvironment environment)
            throws InterruptedException {
        OptionalInt chunkTokens = OnnxBackend.chunkTokens(job.spec().chunking());
        if (environment.variables().get(EnvironmentVariable.SINK_URI) == null) {
            return opened(onnx, chunkTokens, environment, Optional::empty);
        }
        try (EmbeddingSink sink = EmbeddingSink.open(
                job.spec().sink().pgvector(), environment.connection(EnvironmentVariable.SINK_URI, job))) {
            LocalEmbedder embedder = opened(onnx, chunkTokens, environment, () -> sink.modelCommit(job.job()));
            try {
                if (job.spec().sink().pgvector().replacement() == TableReplacement.Swap) {
                    SearchedSpace.await(job.spec(), embedder, sink);
                }
                SearchedSpace.check(job.spec(), embedder, sink);
                return embedder;
            } catch (RuntimeException | InterruptedException e) {
                embedder.close();
                throw e;
            }
        }
    }

    /**
     * @param chunkTokens the most tokens of a chunk; empty where the model's own limit is meant
     * @param recordedCommit asked only where the manifest leaves the model's commit open
     */
    private static LocalEmbedder opened(
            OnnxEmbedder onnx,
            OptionalInt chunkTokens,
            RunnerEnvironment environment,
            Supplier<Optional<String>> recordedCommit) {
        ModelCommit commit = ModelCommit.of(new EmbedderSpec(onnx, null), environment, recordedCommit);
        return OnnxBackend.model(onnx, chunkTokens, environment, commit);
    }

    /** What a client may call the model: by the job or the endpoint, or as it is published. */
    private static List<String> names(ServedManifest manifest, OnnxEmbedder onnx) {
        List<String> names = new ArrayList<>(List.of(manifest.metadata().name()));
        switch (onnx.model().selected()) {
            case Model.Bundled bundled -> names.add(bundled.name());
            case Model.Hub(var hub) -> names.add(hub.repository());
            case Model.Folder _, Model.Download _ -> {}
        }
        return names;
    }
}
