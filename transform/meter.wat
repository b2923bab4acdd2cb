;; Counts the steps of a program. The build puts a call of this into every function and every loop (`wasm-opt
;; --log-execution`): whatever a jq program does, it can't do it for longer than its fuel lasts. A trap then ends it.
(module
  (global $fuel (export "fuel") (mut i32) (i32.const 0))
  (func (export "log_execution") (param i32)
    (global.set $fuel (i32.sub (global.get $fuel) (i32.const 1)))
    (if (i32.lt_s (global.get $fuel) (i32.const 0)) (then (unreachable)))))
