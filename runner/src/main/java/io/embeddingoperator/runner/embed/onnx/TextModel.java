package io.embeddingoperator.runner.embed.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.embeddingoperator.api.v1alpha1.ModelInputNames;
import io.embeddingoperator.api.v1alpha1.OnnxEmbedder;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedDeque;

/** Runs batches of token ids through a loaded model. Safe for concurrent use. */
final class TextModel implements AutoCloseable {
    private static final int PROBE_TEXTS = 2;
    private static final int PROBE_TOKENS = 7;

    private final LoadedModel model;
    private final ModelInputs inputs;
    private final RowFilling filling;
    private final ModelOutput output;
    private final InferenceLimit limit;
    private final InferenceWatch watch = new InferenceWatch();
    private final ConcurrentLinkedDeque<Workspace> workspaces = new ConcurrentLinkedDeque<>();

    /**
     * Looks at a loaded model's inputs and finds its output by running it once.
     *
     * @param spec names its inputs and its output, where they are not the usual ones
     * @param limit of each call
     */
    TextModel(LoadedModel model, OnnxEmbedder spec, RowFilling filling, InferenceLimit limit) throws OrtException {
        this.model = model;
        this.filling = filling;
        this.limit = limit;
        inputs = ModelInputs.of(
                model.session(),
                model.file(),
                Optional.ofNullable(spec.inputs()).orElse(ModelInputNames.USUAL));
        try {
            output = findOutput(Optional.ofNullable(spec.output()));
        } catch (OrtException | RuntimeException e) {
            watch.close();
            throw e;
        }
    }

    ModelOutput output() {
        return output;
    }

    boolean has(InputRole role) {
        return inputs.has(role);
    }

    SessionSettings settings() {
        return model.settings();
    }

    /** Which processor it runs on, for a person. */
    String place() {
        return model.place();
    }

    /** What is made of the output rows of a batch, while they are in the workspace. */
    interface RowReader<T, E extends Exception> {
        /**
         * Reads the rows.
         *
         * @param longest tokens of the batch's longest text
         */
        T read(MemorySegment rows, int longest) throws E;
    }

    /** Runs a batch, at least one text, and hands its rows to the reader. */
    <T, E extends Exception> T run(List<int[]> texts, RowReader<T, E> reader) throws OrtException, E {
        Workspace workspace = workspaces.poll();
        if (workspace == null) {
            workspace = new Workspace(inputs.all().size() + 1);
        }
        try {
            int longest = longest(texts);
            ByteBuffer rows = workspace.buffer(inputs.all().size(), output.bytes(texts.size(), longest));
            Map<String, OnnxTensor> tensors = new HashMap<>();
            try (OnnxTensor target = OnnxTensor.createTensor(
                    model.environment(),
                    rows,
                    output.shape(texts.size(), longest),
                    output.format().type())) {
                layOut(texts, longest, workspace, tensors);
                run(tensors, Map.of(output.name(), target), (long) texts.size() * longest)
                        .close();
            } finally {
                tensors.values().forEach(OnnxTensor::close);
            }
            return reader.read(MemorySegment.ofBuffer(rows), longest);
        } finally {
            workspaces.push(workspace);
        }
    }

    private OrtSession.Result run(Map<String, OnnxTensor> tensors, Map<String, OnnxTensor> results, long tokens)
            throws OrtException {
        try (InferenceWatch.Call call = watch.begin(limit.call(tokens))) {
            try {
                // What no tensor is given for comes back in one of ONNX Runtime's own: all outputs, where none is
                // given.
                Set<String> others = results.isEmpty() ? model.session().getOutputNames() : Set.of();
                return model.session().run(tensors, others, results, call.options());
            } catch (OrtException e) {
                throw call.reason(e);
            }
        }
    }

    private ModelOutput findOutput(Optional<String> wanted) throws OrtException {
        List<int[]> texts = new ArrayList<>();
        for (int i = 0; i < PROBE_TEXTS; i++) {
            texts.add(new int[PROBE_TOKENS]);
        }
        Map<String, OnnxTensor> tensors = new HashMap<>();
        layOut(texts, PROBE_TOKENS, new Workspace(inputs.all().size()), tensors);
        try (OrtSession.Result result = run(tensors, Map.of(), (long) PROBE_TEXTS * PROBE_TOKENS)) {
            return ModelOutput.find(result, PROBE_TEXTS, PROBE_TOKENS, model.file(), wanted);
        } finally {
            tensors.values().forEach(OnnxTensor::close);
        }
    }

    private void layOut(List<int[]> texts, int longest, Workspace workspace, Map<String, OnnxTensor> tensors)
            throws OrtException {
        for (int i = 0; i < inputs.all().size(); i++) {
            ModelInput input = inputs.all().get(i);
            ByteBuffer buffer = workspace.buffer(i, input.bytes(texts.size(), longest));
            input.fill(buffer, texts, longest, filling);
            tensors.put(
                    input.name(),
                    OnnxTensor.createTensor(
                            model.environment(), buffer, input.shape(texts.size(), longest), input.type()));
        }
    }

    private static int longest(List<int[]> texts) {
        int longest = 0;
        for (int[] ids : texts) {
            longest = Math.max(longest, ids.length);
        }
        return longest;
    }

    @Override
    public void close() {
        watch.close();
        model.close();
    }
}
