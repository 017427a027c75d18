package io.embeddingoperator.runner.embed.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.embeddingoperator.api.v1alpha1.Device;
import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.failure.UnavailableException;
import java.nio.file.Path;

/**
 * A model, loaded from its file on a processor.
 *
 * @param place which processor, and why not another one, for a person
 */
record LoadedModel(Path file, OrtEnvironment environment, OrtSession session, SessionSettings settings, String place)
        implements AutoCloseable {
    static LoadedModel load(Path file, Device device) {
        CommandLine.check();
        return switch (device) {
            case CPU -> onCpu(file, "CPU");
            case CUDA -> onCuda(file);
            case Auto -> onAny(file);
        };
    }

    private static LoadedModel onAny(Path file) {
        if (!builtWithCuda()) {
            return onCpu(file, "CPU (device Auto: this build of the runner has no CUDA)");
        }
        try {
            return open(file, SessionSettings.CUDA, "CUDA");
        } catch (OrtException e) {
            return onCpu(file, "CPU (device Auto: CUDA does not work here: %s)".formatted(e.getMessage()));
        }
    }

    private static LoadedModel onCuda(Path file) {
        if (!builtWithCuda()) {
            throw new SpecificationException(
                    "spec.embedder.onnx.device is CUDA, and this build of the runner has no CUDA: "
                            + "use the runner's CUDA image, or device Auto or CPU");
        }
        try {
            return open(file, SessionSettings.CUDA, "CUDA");
        } catch (OrtException e) {
            throw new UnavailableException(
                    ("spec.embedder.onnx.device is CUDA, and the model %s does not load there (%s): "
                                            + "ask for a node with an ")
                                    .formatted(file, e.getMessage())
                            + "NVIDIA GPU and CUDA 12, or use device Auto or CPU",
                    e);
        }
    }

    private static LoadedModel onCpu(Path file, String place) {
        try {
            return open(file, SessionSettings.CPU, place);
        } catch (OrtException e) {
            throw new SpecificationException(
                    "the model file %s cannot be loaded (%s): check that it is a complete ONNX model"
                            .formatted(file, e.getMessage()),
                    e);
        }
    }

    private static boolean builtWithCuda() {
        return OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA);
    }

    private static LoadedModel open(Path file, SessionSettings settings, String place) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
        // Where no launcher has set ORT_DISABLE_TELEMETRY, this keeps at least what follows from being sent.
        environment.setTelemetry(false);
        try (SessionOptions options = settings.options()) {
            // By path: a model that is read into the heap first costs its size twice.
            return new LoadedModel(
                    file, environment, environment.createSession(file.toString(), options), settings, place);
        }
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("the model " + file + " cannot be released", e);
        }
    }
}
