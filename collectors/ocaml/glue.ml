(* What only OCaml code can give: a closure for Gc.finalise. *)
external due : nativeint -> Obj.t -> unit = "gcb_ocaml_due"

let () =
  Callback.register "gcb_finalise" (fun (token : nativeint) (v : Obj.t) ->
      Gc.finalise (fun v -> due token v) v)
