// ONNX's cases that the import does not pass although it has their operators, each with why. A case that passes must not be
// here: the deep test says so.
export const exclusions: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [
    /^test_(shape|size|constant|constantofshape|range)_?/,
    "the result is known when the file is read: no network is left",
  ],
  [
    /empty_set|tril_zero/,
    "tensors without elements: a length of 0 stands for an open one in files of older exporters",
  ],
  [
    /^test_affine_grid_.*_expanded$/,
    "the size is an input, and the case computes lengths of it within branches",
  ],
  [/^test_castlike_.*INT4/, "how many bits an input of data has is not kept, so numbers do not go round"],
  [/^test_scan_sum$/, "a Scan of operator set 8"],
  [
    /^test_(loop11|scan9_multi_state|linear_attention_.*_expanded)$/,
    "what runs over weights only, or has no other input than a count, is known when the file is read",
  ],
  [/window(_symmetric)?_expanded$/, "the length of a Range is computed from data"],
  [/^test_center_crop_pad_.*expanded$/, "the widths of a Pad are computed from data"],
  [
    /^test_attention_.*_expanded$/,
    "the case computes what a Pad is filled with from data, or has an output that is known",
  ],
  [
    /^test_batchnorm_.*training_mode$/,
    "statistics of the batch as outputs: TensorFlow.js keeps them as weights",
  ],
  [/^test_maxpool_with_argmax/, "the places of the largest elements as a second output"],
  [/^test_training_dropout(_default)?(_mask)?$/, "NumPy's random numbers"],
  [/^test_einsum_batch_diagonal$/, "TensorFlow.js's einsum has no ellipsis"],
  [/^test_gathernd_example_int32_batch_dim1$/, "batch_dims"],
  [/^test_mod_float_edge_cases_fmod_0/, "the remainder by infinity is NaN in TensorFlow.js"],
  [/^test_resize_.*antialias$/, "antialiasing"],
  [/^test_resize_.*not_(larger|smaller)$/, "keep_aspect_ratio_policy"],
  [/^test_resize_tf_crop_and_resize/, "cropping by a region"],
  [
    /^test_resize_downsample_scales_(cubic|linear)_align_corners$/,
    "a scaled length that is no whole number (onnxruntime differs as well)",
  ],
  [/^test_scatter(nd|_elements)_.*(max|min|mul)/, "reductions other than addition"],
]
