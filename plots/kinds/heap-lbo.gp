load templates.'/heap.gp'
