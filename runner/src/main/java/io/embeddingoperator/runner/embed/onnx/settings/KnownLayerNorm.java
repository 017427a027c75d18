package io.embeddingoperator.runner.embed.onnx.settings;

import java.util.regex.Pattern;

/**
 * Models whose page takes a layer norm over the whole vector before it is cut, and whose files do not say so. Other models that were
 * trained to be cut are cut as they are.
 */
final class KnownLayerNorm {
    private static final Pattern MODELS = Pattern.compile("nomic-ai/nomic-embed-text-v1\\.5");

    private KnownLayerNorm() {}

    /** @param model its name on the hub */
    static boolean isOf(String model) {
        return MODELS.matcher(model).matches();
    }
}
