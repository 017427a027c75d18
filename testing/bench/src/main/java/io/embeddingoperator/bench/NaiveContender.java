package io.embeddingoperator.bench;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.embeddingoperator.runner.embed.onnx.model.ModelFiles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a program of an afternoon does: ONNX Runtime as it comes, batches of 32 in arrival order, each padded to its longest. */
final class NaiveContender implements Contender {
    private static final int BATCH = 32;

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;
    private final HuggingFaceTokenizer tokenizer;

    NaiveContender(ModelFiles files, int maxTokens) throws OrtException, IOException {
        session = environment.createSession(files.model().toString());
        tokenizer = HuggingFaceTokenizer.builder()
                .optTokenizerPath(files.tokenizer())
                .optTruncation(true)
                .optMaxLength(maxTokens)
                .optPadding(true)
                .build();
    }

    @Override
    public String name() {
        return "naive batches of 32";
    }

    @Override
    public Embedded embed(List<String> texts) throws OrtException {
        long start = System.nanoTime();
        List<float[]> vectors = new ArrayList<>(texts.size());
        for (int from = 0; from < texts.size(); from += BATCH) {
            embedBatch(texts.subList(from, Math.min(from + BATCH, texts.size())), vectors);
        }
        return Embedded.since(start, vectors);
    }

    private void embedBatch(List<String> texts, List<float[]> vectors) throws OrtException {
        Encoding[] encodings = tokenizer.batchEncode(texts);
        long[][] ids = new long[encodings.length][];
        long[][] mask = new long[encodings.length][];
        long[][] types = new long[encodings.length][];
        for (int i = 0; i < encodings.length; i++) {
            ids[i] = encodings[i].getIds();
            mask[i] = encodings[i].getAttentionMask();
            types[i] = encodings[i].getTypeIds();
        }
        try (OnnxTensor idTensor = OnnxTensor.createTensor(environment, ids);
                OnnxTensor maskTensor = OnnxTensor.createTensor(environment, mask);
                OnnxTensor typeTensor = OnnxTensor.createTensor(environment, types);
                OrtSession.Result result = session.run(
                        Map.of("input_ids", idTensor, "attention_mask", maskTensor, "token_type_ids", typeTensor))) {
            float[][][] hidden = (float[][][]) result.get(0).getValue();
            for (int i = 0; i < hidden.length; i++) {
                vectors.add(normalized(mean(hidden[i], mask[i])));
            }
        }
    }

    private static float[] mean(float[][] hidden, long[] mask) {
        float[] mean = new float[hidden[0].length];
        int tokens = 0;
        for (int token = 0; token < hidden.length; token++) {
            if (mask[token] == 1) {
                tokens++;
                for (int i = 0; i < mean.length; i++) {
                    mean[i] += hidden[token][i];
                }
            }
        }
        for (int i = 0; i < mean.length; i++) {
            mean[i] /= tokens;
        }
        return mean;
    }

    private static float[] normalized(float[] vector) {
        double squared = 0;
        for (float value : vector) {
            squared += value * value;
        }
        float length = (float) Math.sqrt(squared);
        for (int i = 0; i < vector.length; i++) {
            vector[i] /= length;
        }
        return vector;
    }
}
