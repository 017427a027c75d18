package io.embeddingoperator.runner.embed.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import org.junit.jupiter.api.Test;

class ReasonTest {
    @Test
    void aMissingLibraryIsSaidWithoutThePlaceInOnnxRuntimesSources() {
        // given
        OrtException failure = new OrtException("""
                /onnxruntime_src/onnxruntime/core/session/provider_bridge_ort.cc:1988 \
                onnxruntime::Provider& onnxruntime::ProviderLibrary::Get() [ONNXRuntimeError] : 1 : FAIL : \
                Failed to load library libonnxruntime_providers_cuda.so with error: libcublasLt.so.12: \
                cannot open shared object file: No such file or directory
                """);

        // when
        String reason = Reason.of(failure);

        // then
        assertThat(reason)
                .isEqualTo("Failed to load library libonnxruntime_providers_cuda.so with error: libcublasLt.so.12: "
                        + "cannot open shared object file: No such file or directory");
    }

    @Test
    void aMessageOfAnotherFormStaysAsItIsOnOneLine() {
        assertThat(Reason.of(new OrtException("Failed to allocate memory\n for requested buffer")))
                .isEqualTo("Failed to allocate memory for requested buffer");
        assertThat(Reason.of(new OrtException(""))).isEmpty();
    }
}
